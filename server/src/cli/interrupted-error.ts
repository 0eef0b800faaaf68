/** A command was ended from outside. */
export class InterruptedError extends Error {
	override readonly name = 'InterruptedError';
	readonly code = 'INTERRUPTED';

	constructor(message = 'ended before it was done; the same command goes on with the rest') {
		super(message);
	}
}
