import type {StorageErrorCode} from '@stowage/core';

/** A folder below the root that leads out of it. */
export class OutsideRootError extends Error {
	override readonly name = 'OutsideRootError';
	readonly code = 'denied';
}

const codes: Readonly<Record<string, StorageErrorCode>> = {
	'not-found': 'not-found',
	denied: 'denied',
	ENOENT: 'not-found',
	ENOTDIR: 'not-found',
	EACCES: 'denied',
	EPERM: 'denied',
	EROFS: 'denied',
	ELOOP: 'denied',
	ENOSPC: 'full',
	EDQUOT: 'full',
	EFBIG: 'full',
	EMFILE: 'unavailable',
	ENFILE: 'unavailable',
	EAGAIN: 'unavailable',
	EBUSY: 'unavailable',
	EIO: 'unavailable',
	ESTALE: 'unavailable',
	ETIMEDOUT: 'unavailable',
	EHOSTDOWN: 'unavailable',
};

/** Says what a failed call of the file system means. */
export function classifyError(error: unknown): StorageErrorCode {
	const code = errorCode(error);
	return code !== undefined && Object.hasOwn(codes, code) ? (codes[code] ?? 'unknown') : 'unknown';
}

/** Whether a path was not there. */
export function isMissing(error: unknown): boolean {
	const code = errorCode(error);
	return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The `code` of an error of the file system, or of ours. */
export function errorCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
