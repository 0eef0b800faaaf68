/** A storage has not all that it should have. */
export class FaultyStorageError extends Error {
	override readonly name = 'FaultyStorageError';
	readonly code = 'STORAGE_FAULTY';

	constructor(storage: string) {
		super(`storage "${storage}" has not all that it should have`);
	}
}
