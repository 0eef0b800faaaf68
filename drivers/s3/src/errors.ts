import {type StorageErrorCode, httpStatusMeanings, networkErrorMeanings} from '@stowage/core';

/** More parts than an object can have. */
export class TooManyPartsError extends Error {
	override readonly name = 'TooManyPartsError';
	readonly code = 'full';
}

/** Names of errors of the service ("Error responses", Amazon S3 API Reference) and of the SDK, and codes of sockets and of our own. */
const codes: Readonly<Record<string, StorageErrorCode>> = {
	'not-found': 'not-found',
	full: 'full',
	NoSuchKey: 'not-found',
	NotFound: 'not-found',
	NoSuchUpload: 'not-found',
	InvalidPart: 'not-found',
	PreconditionFailed: 'not-found',
	NoSuchBucket: 'unavailable',
	AccessDenied: 'denied',
	AccessDeniedException: 'denied',
	AccountProblem: 'denied',
	AllAccessDisabled: 'denied',
	AuthorizationHeaderMalformed: 'denied',
	CredentialsProviderError: 'denied',
	ExpiredToken: 'denied',
	InvalidAccessKeyId: 'denied',
	InvalidObjectState: 'denied',
	InvalidToken: 'denied',
	RequestTimeTooSkewed: 'denied',
	SignatureDoesNotMatch: 'denied',
	TokenProviderError: 'denied',
	'KMS.DisabledException': 'denied',
	'KMS.NotFoundException': 'denied',
	EntityTooLarge: 'full',
	QuotaExceeded: 'full',
	XMinioStorageFull: 'full',
	XMinioAdminBucketQuotaExceeded: 'full',
	RequestTimeout: 'unavailable',
	SlowDown: 'unavailable',
	ThrottlingException: 'unavailable',
	TimeoutError: 'unavailable',
	OperationAborted: 'unavailable',
	...networkErrorMeanings,
};

/** Says what an error of the SDK, of the credentials or of this driver means. */
export function classifyError(error: unknown): StorageErrorCode {
	if (!(error instanceof Error)) {
		return 'unknown';
	}
	for (const word of [error.name, errorCode(error)]) {
		if (word !== undefined && Object.hasOwn(codes, word)) {
			return codes[word] ?? 'unknown';
		}
	}
	const status = errorStatus(error);
	return (status === undefined ? undefined : httpStatusMeanings[status]) ?? 'unknown';
}

/** Whether an object, or the parts of an upload, were not there. */
export function isMissing(error: unknown): boolean {
	return classifyError(error) === 'not-found';
}

/** The code of a socket, or of our own errors. */
export function errorCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The status of HTTP with which the service answered, if it did. */
export function errorStatus(error: unknown): number | undefined {
	if (!(error instanceof Error) || !('$metadata' in error)) {
		return undefined;
	}
	return (error.$metadata as {readonly httpStatusCode?: number} | undefined)?.httpStatusCode;
}
