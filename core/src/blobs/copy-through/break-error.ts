/** The source stopped before its end: it may be asked to go on. */
export class BreakError extends Error {
	override readonly name = 'BreakError';
	readonly code = 'SOURCE_BROKE_OFF';

	constructor(cause: unknown) {
		super(`the source of a blob broke off: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
	}
}
