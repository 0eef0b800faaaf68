/** What came of a blob could not be kept for those who read it. */
export class SpoolError extends Error {
	override readonly name = 'SpoolError';
	readonly code = 'SPOOL_FAILED';

	constructor(cause: unknown) {
		super(`a blob could not be spooled: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
	}
}
