import type {StorageErrorCode} from '@stowage/core';

/** SSH_FX_EOF of draft-ietf-secsh-filexfer-02, section 7. */
const endOfFile = 1;
/** SSH_FX_FAILURE: said when no other code fits, so of a full disk too. */
const failure = 4;

/** The others of that section, and of later drafts from 8 on, which some servers give as well. */
const codesOfStatus: Readonly<Record<number, StorageErrorCode>> = {
	2: 'not-found', // SSH_FX_NO_SUCH_FILE
	3: 'denied', // SSH_FX_PERMISSION_DENIED
	6: 'unavailable', // SSH_FX_NO_CONNECTION
	7: 'unavailable', // SSH_FX_CONNECTION_LOST
	10: 'not-found', // SSH_FX_NO_SUCH_PATH
	12: 'denied', // SSH_FX_WRITE_PROTECT
	14: 'full', // SSH_FX_NO_SPACE_ON_FILESYSTEM
	15: 'full', // SSH_FX_QUOTA_EXCEEDED
};

/** What the server answered instead of doing what it was asked. */
export class StatusError extends Error {
	override readonly name = 'StatusError';
	readonly status: number;
	readonly code: StorageErrorCode;

	constructor(asked: string, answer: Error & {readonly code: number}) {
		super(`${asked}: ${answer.message}`, {cause: answer});
		this.status = answer.code;
		this.code = codesOfStatus[answer.code] ?? 'unknown';
	}
}

/** Something in the place of a file or folder that could lead out of the root. */
export class OutsideRootError extends Error {
	override readonly name = 'OutsideRootError';
	readonly code = 'denied';
}

/** The server does not let us in, or is not the one that it should be. */
export class RefusedError extends Error {
	override readonly name = 'RefusedError';
	readonly code = 'denied';
}

/** The file system of the server has no room left. */
export class FullError extends Error {
	override readonly name = 'FullError';
	readonly code = 'full';
}

/** There is no connection, or there is none any more. Whether the server did what it was asked last is not known. */
export class ConnectionError extends Error {
	override readonly name = 'ConnectionError';
	readonly code = 'unavailable';
}

const codes: Readonly<Record<string, StorageErrorCode>> = {
	'not-found': 'not-found',
	denied: 'denied',
	full: 'full',
	unavailable: 'unavailable',
	ETIMEDOUT: 'unavailable',
};

/** Says what a failed call means. */
export function classifyError(error: unknown): StorageErrorCode {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	return typeof code === 'string' && Object.hasOwn(codes, code) ? (codes[code] ?? 'unknown') : 'unknown';
}

/** Whether a path was not there. */
export function isMissing(error: unknown): boolean {
	return error instanceof StatusError && error.code === 'not-found';
}

/** Whether the server said no more than that it could not. */
export function isFailure(error: unknown): error is StatusError {
	return error instanceof StatusError && error.status === failure;
}

/** Whether there is no more to be read. */
export function isEnd(error: unknown): boolean {
	return error instanceof StatusError && error.status === endOfFile;
}
