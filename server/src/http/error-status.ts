import {ConflictError, RegistryError, StorageError, type StorageErrorCode} from '@stowage/core';

const storageErrors: Readonly<Record<StorageErrorCode, RegistryError['code']>> = {
	unavailable: 'UNAVAILABLE',
	denied: 'UNAVAILABLE',
	full: 'UNKNOWN',
	'not-found': 'UNKNOWN',
	unknown: 'UNKNOWN',
};

/** How long a client should wait that met a storage which does not answer. */
const retryAfterSeconds = '5';

/** What a client is told of an error: only {@link RegistryError}s are for its eyes. `requestId` finds the rest in the log. */
export function registryErrorOf(error: unknown, requestId: string): RegistryError {
	if (error instanceof RegistryError) {
		return error;
	}
	if (error instanceof StorageError) {
		return storageFailure(error, requestId);
	}
	if (error instanceof ConflictError) {
		return new RegistryError('UNKNOWN', 'somebody else changed this at the same time', {status: 409, cause: error});
	}
	return new RegistryError('UNKNOWN', 'internal error', {detail: {requestId}, cause: error});
}

function storageFailure(error: StorageError, requestId: string): RegistryError {
	const code = storageErrors[error.code];
	const detail = {requestId};
	if (code === 'UNAVAILABLE') {
		const headers = {'Retry-After': retryAfterSeconds};
		return new RegistryError(code, 'the storage is not available', {detail, headers, cause: error});
	}
	if (error.code === 'full') {
		return new RegistryError(code, 'the storage is full', {status: 507, detail, cause: error});
	}
	return new RegistryError(code, 'the storage failed', {detail, cause: error});
}
