import type {StorageErrorCode} from './driver.ts';

/** The calls of a driver, as they appear in errors, logs and measurements. */
export type StorageOperation =
	| 'check'
	| 'stat'
	| 'read'
	| 'list'
	| 'move'
	| 'delete'
	| 'createUpload'
	| 'appendUpload'
	| 'sealUpload'
	| 'abortUpload'
	| 'signedUrl'
	| 'close';

const phrases: Readonly<Record<StorageOperation, string>> = {
	check: 'check',
	stat: 'look up',
	read: 'read',
	list: 'list',
	move: 'move',
	delete: 'delete',
	createUpload: 'start an upload of',
	appendUpload: 'append to',
	sealUpload: 'seal',
	abortUpload: 'abort the upload of',
	signedUrl: 'sign an address of',
	close: 'close',
};

export interface StorageErrorDetails {
	readonly code: StorageErrorCode;
	/** Name of the storage in the configuration. */
	readonly storage: string;
	readonly operation: StorageOperation;
	/** Absent where the call is not about one object. */
	readonly key?: string;
	/** What the driver threw. */
	readonly cause: unknown;
}

/** A driver's failure, wrapped once by `Storage`. Act upon `code`; the message is for the log and may name keys, never secrets. */
export class StorageError extends Error {
	override readonly name = 'StorageError';
	readonly code: StorageErrorCode;
	readonly storage: string;
	readonly operation: StorageOperation;
	readonly key?: string;

	constructor({code, storage, operation, key, cause}: StorageErrorDetails) {
		const subject = key === undefined ? phrases[operation] : `${phrases[operation]} ${key}`;
		super(`storage "${storage}": ${subject}: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
		this.code = code;
		this.storage = storage;
		this.operation = operation;
		this.key = key;
	}
}
