import {type StorageErrorCode, httpStatusMeanings, networkErrorMeanings} from '@stowage/core';

/** More blocks than a blob can have. */
export class TooManyBlocksError extends Error {
	override readonly name = 'TooManyBlocksError';
	readonly code = 'full';
}

/** An identity that may read and write may not sign. */
export class DelegationError extends Error {
	override readonly name = 'DelegationError';
	readonly code = 'denied';

	constructor(options: ErrorOptions) {
		super('the identity may not sign: give it the role "Storage Blob Delegator" on the storage account', options);
	}
}

/** Error codes of the service (Blob service error codes), of `MissingError`s, and of sockets. */
const codes: Readonly<Record<string, StorageErrorCode>> = {
	'not-found': 'not-found',
	full: 'full',
	denied: 'denied',
	BlobNotFound: 'not-found',
	InvalidBlockList: 'not-found',
	PendingCopyOperation: 'unavailable',
	ContainerNotFound: 'unavailable',
	ContainerBeingDeleted: 'unavailable',
	ContainerDisabled: 'denied',
	BlockCountExceedsLimit: 'full',
	BlockListTooLong: 'full',
	RequestBodyTooLarge: 'full',
	...networkErrorMeanings,
};

/** Codes of the SDK for a request that did not get through, and for an answer that cannot be read, of whatever status. */
const vague: Readonly<Record<string, StorageErrorCode>> = {
	REQUEST_SEND_ERROR: 'unavailable',
	PARSE_ERROR: 'unavailable',
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
	if (isCredentialError(error)) {
		return isTroubleOfIdentity(error) ? 'unavailable' : 'denied';
	}
	return httpStatusMeanings[errorStatus(error) ?? 0] ?? vague[code ?? ''] ?? 'unknown';
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
	return [
		'AggregateAuthenticationError',
		'AuthenticationError',
		'AuthenticationRequiredError',
		'CredentialUnavailableError',
	].includes(name);
}

interface IdentityFailure {
	readonly status?: number;
	readonly statusCode?: number;
	readonly errorCode?: string;
	readonly errors?: readonly unknown[];
}

/** Whether who gives tokens was busy or out of reach, which only what a credential's error wraps tells. */
function isTroubleOfIdentity(error: unknown): boolean {
	if (!(error instanceof Error)) {
		return false;
	}
	const {status, statusCode, errorCode: word, errors = []} = error as IdentityFailure;
	return (
		httpStatusMeanings[status ?? statusCode ?? 0] === 'unavailable' ||
		networkErrorMeanings[errorCode(error) ?? ''] === 'unavailable' ||
		word === 'network_error' ||
		[...errors, error.cause].some(isTroubleOfIdentity)
	);
}
