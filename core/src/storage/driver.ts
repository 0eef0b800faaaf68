import type {FileHandle} from 'node:fs/promises';
import type {Readable} from 'node:stream';
import type {Abortable} from '../types/abortable.ts';
import type {ByteRange} from '../types/byte-range.ts';
import type {Json} from '../types/json.ts';
import type {JsonSchema} from '../types/json-schema.ts';
import type {Logger} from '../types/logger.ts';

export interface StoredObject {
	readonly key: string;
	readonly size: number;
	readonly modifiedAt: Date;
}

/**
 * Where an unfinished upload stands. The core stores it as JSON after every append and hands it back later,
 * perhaps to another instance of the driver in another process: a driver keeps nothing in memory between calls.
 */
export interface UploadState {
	/** The key the bytes will have once sealed. */
	readonly key: string;
	/** Bytes safely stored. Only this number counts; anything stored past it is overwritten by the next append. */
	readonly offset: number;
	/** The driver's own: a session address, block ids, a tail too short to send. May hold secrets; never logged. */
	readonly data?: Json;
}

/** What a driver is given to store. */
export interface UploadBody extends Readable {
	/**
	 * Frees the memory of a piece at once, instead of at some collection of garbage. For a driver that has stored the
	 * piece and will not look at it again; one that does not call it does nothing wrong. Often absent.
	 */
	release?(piece: Uint8Array): void;
	/**
	 * Writes all of itself into the empty file that `open` opens, from its beginning, and resolves to the size. Undefined
	 * when it is to be read instead, as always when this is absent. For a driver whose objects are files: a body that is read
	 * by others while it comes then needs no file of its own beside. The handle is the body's to close. Once settled, it
	 * writes no more, and what it wrote is not synced; but it may go on reading, so the bytes must stay as they are in that
	 * file, which may be renamed or deleted.
	 */
	writeInto?(open: () => Promise<FileHandle>, options?: Abortable): Promise<number | undefined>;
}

export interface TransferOptions extends Abortable {
	/**
	 * For work that goes through all objects: bytes come from where they are kept and not from a copy that the driver has
	 * nearer, and none is made. A driver without copies does not look at it.
	 */
	readonly uncached?: boolean;
}

export interface ObjectReadOptions extends TransferOptions {
	/** All bytes without it. */
	readonly range?: ByteRange;
}

export interface SignedUrlOptions extends Abortable {
	readonly expiresInSeconds: number;
	readonly contentType?: string;
}

export type StorageErrorCode =
	| 'not-found' // the key, or the upload, is gone
	| 'denied' // credentials are missing, wrong or too weak
	| 'full' // quota or disk exhausted
	| 'unavailable' // worth trying again later: throttled, timed out, connection lost
	| 'unknown';

/**
 * One opened storage backend. Keys are relative, `/`-separated, made of `[a-z0-9._-]`, never the directory of another
 * key, and written at most once: the core never asks for an existing key to be replaced.
 *
 * Methods throw whatever the backend's SDK throws. The core wraps it once, in `StorageError`, with the code that
 * `classify` gives it, the operation and the key. So a driver has no try/catch of its own, save to recover.
 */
export interface StorageDriver {
	/**
	 * False when what was acknowledged may be lost, or be other bytes, after the machine that keeps it has crashed: then this
	 * is no place for a cache. Left out by a driver whose objects survive that.
	 */
	readonly durable?: boolean;

	/** One cheap authenticated round trip that writes nothing. Resolves when the backend can serve. */
	check(options?: Abortable): Promise<void>;

	/** Resolves to `undefined` when there is no sealed object under `key`. */
	stat(key: string, options?: Abortable): Promise<StoredObject | undefined>;

	/**
	 * Resolves once the backend has found the object, and not before: a missing key rejects here and never as an
	 * 'error' event of the stream. Destroying the stream ends the transfer.
	 */
	read(key: string, options?: ObjectReadOptions): Promise<Readable>;

	/** Every sealed object whose key starts with `prefix`, at any depth, in any order. Used by background jobs only. */
	list(prefix: string, options?: Abortable): AsyncIterable<StoredObject>;

	/**
	 * Publishes a sealed object under its lasting key. A reader of `to` sees nothing, then all of it. Doing it again
	 * finishes what was interrupted, and changes nothing once it was done.
	 */
	move(from: string, to: string, options?: Abortable): Promise<void>;

	/** Resolves too when there was nothing to delete. */
	delete(key: string, options?: Abortable): Promise<void>;

	/**
	 * Prepares to receive an object of unknown size under `key`. Nothing is visible under it until it is sealed. What is said
	 * of copies here holds for the whole upload.
	 */
	createUpload(key: string, options?: TransferOptions): Promise<UploadState>;

	/**
	 * Stores all of `body` from `state.offset` on, holding no more than a part of it in memory, and resolves to the new
	 * state once the bytes are safe. If it rejects, the caller goes on from the `state` it had, with the same or other
	 * bytes, or seals it. Once settled, either way, no write of this call may still be under way. The body is the
	 * caller's: it may be destroyed when `signal` aborts, and should be left alone when the backend fails.
	 */
	appendUpload(state: UploadState, body: UploadBody, options?: Abortable): Promise<UploadState>;

	/** Makes the upload an ordinary object of `state.offset` bytes (zero included). Sealing it again changes nothing. */
	sealUpload(state: UploadState, options?: Abortable): Promise<void>;

	/** Frees what the upload holds, sealed or not. Resolves too when it is already gone. */
	abortUpload(state: UploadState, options?: Abortable): Promise<void>;

	/** An address from which a client can GET the object without us. Left out by a driver that has no such thing. */
	signedUrl?(key: string, options: SignedUrlOptions): Promise<URL>;

	/**
	 * Path on this host's file system of a sealed object. Left out by a driver whose objects are not local files. Lets a
	 * web server in front send the bytes itself (`X-Accel-Redirect`, `X-Sendfile`).
	 */
	localPath?(key: string): string;

	/**
	 * The file of a sealed object, opened for reading; whoever asks for it closes it. Left out by a driver whose objects are
	 * not local files. Lets a sender read into buffers of its own, at half the cost of a stream.
	 */
	openFile?(key: string, options?: Abortable): Promise<FileHandle>;

	/** Says what an error thrown by this driver means. Must not throw. */
	classify(error: unknown): StorageErrorCode;

	/** Releases connections. Called once, after the last other call has settled. */
	close(): Promise<void>;
}

export interface DriverContext extends Abortable {
	/** The name the operator gave this storage in the configuration. */
	readonly name: string;
	readonly logger: Logger;
	/**
	 * The storages that `dependencies` named, by name. They are open, and closed after this one; their objects are this
	 * one's alone.
	 */
	readonly storages?: ReadonlyMap<string, StorageDriver>;
}

/** What a plugin offers: how to make drivers of one kind. */
export interface StorageDriverType<Options extends object = object> {
	/** The word operators write after `driver:`. */
	readonly type: string;
	/** Validates, completes with defaults, documents, and (by `writeOnly: true`) marks secrets. */
	readonly options: JsonSchema;
	/** Names of other configured storages that one with these options is made of. Left out by a driver with a backend of its own. */
	dependencies?(options: Options): readonly string[];
	/** Opens the backend. Rejects at once when it cannot work, with a message an operator can act on. */
	create(options: Options, context: DriverContext): Promise<StorageDriver>;
}
