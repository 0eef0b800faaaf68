import {type StorageErrorCode, httpStatusMeanings, networkErrorMeanings} from '@stowage/core';

/** An upload session that lost bytes, or ended without all of them. What was appended before is not touched by it. */
export class BrokenSessionError extends Error {
	override readonly name = 'BrokenSessionError';
	readonly code = 'ECONNABORTED';
}

/** No token could be had. */
export class CredentialsError extends Error {
	override readonly name = 'CredentialsError';
	readonly code = 'denied';
}

/** Something was waited for in vain. */
export class TimeoutError extends Error {
	override readonly name = 'TimeoutError';
	readonly code = 'ETIMEDOUT';

	/** In milliseconds. */
	constructor(timeout: number) {
		super(`no answer within ${timeout} ms`);
	}
}

export interface RefusalDetails {
	readonly status: number;
	/** As the JSON API gives it (Cloud Storage, HTTP status and error codes for JSON): `rateLimitExceeded` and the like. */
	readonly reason?: string;
	/** Seconds that the service asks to wait. */
	readonly retryAfter?: number;
}

/** An answer of the service that is no success. */
export class RefusalError extends Error {
	override readonly name = 'RefusalError';
	readonly status: number;
	readonly reason: string | undefined;
	readonly retryAfter: number | undefined;

	constructor(message: string, {status, reason, retryAfter}: RefusalDetails, options?: ErrorOptions) {
		super(message, options);
		this.status = status;
		this.reason = reason;
		this.retryAfter = retryAfter;
	}
}

const codes: Readonly<Record<string, StorageErrorCode>> = {
	'not-found': 'not-found',
	denied: 'denied',
	TimeoutError: 'unavailable',
	...networkErrorMeanings,
	UND_ERR_SOCKET: 'unavailable',
	UND_ERR_CONNECT_TIMEOUT: 'unavailable',
	UND_ERR_HEADERS_TIMEOUT: 'unavailable',
	UND_ERR_BODY_TIMEOUT: 'unavailable',
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'unavailable',
};

/** Says what an error of the service, of the connection to it or of this driver means. */
export function classifyError(error: unknown): StorageErrorCode {
	if (error instanceof RefusalError) {
		return classifyRefusal(error);
	}
	const code = errorCode(error);
	return code !== undefined && Object.hasOwn(codes, code) ? (codes[code] ?? 'unknown') : 'unknown';
}

/** What to throw for what the SDK's credentials threw: trouble where they were asked for passes, a lack of them does not. */
export function credentialsFailure(cause: unknown): unknown {
	const message = cause instanceof Error ? cause.message : String(cause);
	const status = statusOf(cause);
	if (status !== undefined && httpStatusMeanings[status] === 'unavailable') {
		return new RefusalError(`the service that gives tokens answered ${status}: ${message}`, {status}, {cause});
	}
	return classifyError(cause) === 'unavailable' ? cause : new CredentialsError(message, {cause});
}

/** Whether an object, or a part of an upload, was not there. */
export function isMissing(error: unknown): boolean {
	return classifyError(error) === 'not-found';
}

/** The `code` of an error of a connection, or of ours. */
export function errorCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function classifyRefusal({status, reason, message}: RefusalError): StorageErrorCode {
	if (reason === 'rateLimitExceeded' || reason === 'userRateLimitExceeded') {
		return 'unavailable';
	}
	// A bucket that has gone is trouble, and not the absence of an object.
	return status === 404 && /bucket does not exist/i.test(message)
		? 'unavailable'
		: (httpStatusMeanings[status] ?? 'unknown');
}

/** The status that an error of the SDK tells of, or one that it wraps. */
function statusOf(error: unknown): number | undefined {
	if (!(error instanceof Error)) {
		return undefined;
	}
	return 'status' in error && typeof error.status === 'number' ? error.status : statusOf(error.cause);
}
