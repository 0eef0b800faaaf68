import {type StorageErrorCode, httpStatusMeanings, networkErrorMeanings} from '@stowage/core';

/** More blocks than a blob can have. */
export class TooManyBlocksError extends Error {
	override readonly name = 'TooManyBlocksError';
	readonly code = 'full';
}

/** Error codes of the service (Blob service error codes), of `MissingError`s, and of sockets. */
const codes: Readonly<Record<string, StorageErrorCode>> = {
	'not-found': 'not-found',
	full: 'full',
	BlobNotFound: 'not-found',
	InvalidBlockList: 'not-found',
	PendingCopyOperation: 'unavailable',
	ContainerNotFound: 'unavailable',
	ContainerBeingDeleted: 'unavailable',
	ContainerDisabled: 'denied',
	BlockCountExceedsLimit: 'full',
	BlockListTooLong: 'full',
	RequestBodyTooLarge: 'full',
	AuthenticationRequiredError: 'denied',
	CredentialUnavailableError: 'denied',
	REQUEST_SEND_ERROR: 'unavailable',
	PARSE_ERROR: 'unavailable',
	...networkErrorMeanings,
};

/** Says what an error of the SDK, of the credentials or of this driver means. */
export function classifyError(error: unknown): StorageErrorCode {
	if (!(error instanceof Error)) {
		return 'unknown';
	}
	const code = errorCode(error);
	if (code !== undefined && Object.hasOwn(codes, code)) {
		return codes[code] ?? 'unknown';
	}
	const status = errorStatus(error);
	if (status !== undefined) {
		return httpStatusMeanings[status] ?? 'unknown';
	}
	return isCredentialError(error) ? 'denied' : 'unknown';
}

/** Whether a blob, or the blocks of an upload, were not there. */
export function isMissing(error: unknown): boolean {
	return classifyError(error) === 'not-found';
}

/** The service's own code, or the one of a socket. */
export function errorCode(error: unknown): string | undefined {
	if (!(error instanceof Error)) {
		return undefined;
	}
	// The answer to a HEAD has no body: its code is in a header only.
	const {code, details} = error as {readonly code?: unknown; readonly details?: {readonly errorCode?: unknown}};
	return [code, details?.errorCode].find(found => typeof found === 'string');
}

function errorStatus(error: Error): number | undefined {
	return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The classes of `@azure/identity`, told by their names, for the package is loaded only where it is used. */
function isCredentialError({name}: Error): boolean {
	return ['AuthenticationError', 'AggregateAuthenticationError', 'CredentialUnavailableError'].includes(name);
}
