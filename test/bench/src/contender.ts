/** A started registry that is measured. */
export interface Contender {
	readonly name: string;
	/** `http://127.0.0.1:<port>`. */
	readonly url: string;
	/** What stands before the name of every image. */
	readonly prefix: string;
	/** Process of the registry. */
	readonly pid: number;
	/** Process of the database server that works for it. */
	readonly databasePid?: number;
	/** Value of `Authorization` for whatever is not measured, and for pushing. */
	readonly authorization?: string;
	/** Value of `Authorization` of a client that pulls from the image: a fresh bearer token, where there are tokens. */
	pullAuthorization(image: string): Promise<string | undefined>;
	/** What the registry printed. */
	output(): Promise<string>;
	stop(): Promise<void>;
}
