/** An emulator of a cloud's store, started for the tests. */
export interface StoreServer {
	/** Without a slash at its end. */
	readonly url: string;
	readonly pid: number;
	/** Ends the server and removes its folder. */
	stop(): Promise<void>;
}
