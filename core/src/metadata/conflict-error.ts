/** Another writer was first: the row exists, or has another version than the one that was to be changed. */
export class ConflictError extends Error {
	override readonly name = 'ConflictError';
	readonly code = 'CONFLICT';
}
