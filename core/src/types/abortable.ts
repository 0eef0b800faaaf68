/** Last parameter of everything that does I/O. A method whose signal aborts rejects with `signal.reason`. */
export interface Abortable {
	readonly signal?: AbortSignal;
}
