/** Users who have to wait before they can try to sign in again, on some node. */
export interface LockOutRecords {
	/** The later time counts when there is one already. Forgets those whose time was over at `now`. */
	add(name: string, until: Date, now: Date): Promise<void>;
	/** Names of those who have to wait at `now`, in order. */
	list(now: Date): Promise<readonly string[]>;
	delete(names: readonly string[]): Promise<void>;
}
