import {type Abortable, RegistryError, StorageError} from '@stowage/core';

interface Blamed extends Abortable {
	/** Key of the virtual repository. */
	readonly virtual: string;
	/** Key of the member. */
	readonly member: string;
}

/** How long a client should wait that met a storage which does not answer. */
const retryAfterSeconds = '5';

/**
 * The same trouble, saying which member has it. It ends the search: to go on would give a client the next member's content
 * in place of that of the one which cannot be asked now.
 */
export function troubleOf(error: unknown, {virtual, member, signal}: Blamed): unknown {
	if (signal?.aborted) {
		return error;
	}
	const of = `member "${member}" of "${virtual}"`;
	if (error instanceof RegistryError) {
		const {code, message, status, headers, detail, elsewhere} = error;
		return new RegistryError(code, `${of}: ${message}`, {status, headers, detail, elsewhere, cause: error});
	}
	const detail = {repository: member};
	if (error instanceof StorageError && (error.code === 'unavailable' || error.code === 'denied')) {
		const headers = {'Retry-After': retryAfterSeconds};
		return new RegistryError('UNAVAILABLE', `${of}: its storage is not available`, {detail, headers, cause: error});
	}
	return new RegistryError('UNKNOWN', `${of} failed`, {detail, cause: error});
}
