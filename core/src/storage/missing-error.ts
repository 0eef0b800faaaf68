/** For drivers: an object or upload that is not there, as `code` says to whoever classifies it. */
export class MissingError extends Error {
	override readonly name = 'MissingError';
	readonly code = 'not-found';
}
