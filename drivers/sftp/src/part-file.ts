import {type UploadState, MissingError} from '@stowage/core';
import {copyFile} from './copy-file.ts';
import {OutsideRootError} from './errors.ts';
import {attributesOf, createFile, remove, rename, syncFile, withFile} from './files.ts';
import type {Session} from './session.ts';

export interface PartFileOptions {
	readonly durable: boolean;
	readonly mode: number;
}

/**
 * The file of an upload while it is received. Its name counts the appends: each begins by renaming it. An append that
 * finds it renamed already knows that the one before broke, and that the server may still be about to write what it got
 * from the connection that is gone. So it goes on in a copy, which those writes cannot reach.
 */
export class PartFile {
	/** Its name while an append is under way. */
	readonly next: string;
	/** How many appends there are once this one is done. */
	readonly turn: number;
	readonly #path: string;
	readonly #copy: string;
	readonly #state: UploadState;
	readonly #options: PartFileOptions;

	/** `object` is where the object will be. No key has a `~`, so this is never the file of an object. */
	constructor(object: string, state: UploadState, options: PartFileOptions) {
		const turn = typeof state.data === 'number' ? state.data : 0;
		this.turn = turn + 1;
		this.next = `${object}~part${this.turn}`;
		this.#path = `${object}~part${turn}`;
		this.#copy = `${this.next}~copy`;
		this.#state = state;
		this.#options = options;
	}

	/** Makes it anew, empty. */
	async create(session: Session): Promise<void> {
		await createFile(session, this.#path, this.#options.mode);
	}

	/**
	 * Cuts it to the state and gives it the name `to`. Nobody else can write to it then. Resolves to false when it is not
	 * there, and rejects with {@link MissingError} when it has fewer bytes than the state.
	 */
	async take(session: Session, to: string): Promise<boolean> {
		const size = await this.#sizeOf(session, this.#path);
		if (size === undefined) {
			return this.#takeCopy(session, to);
		}
		if (size > this.#state.offset) {
			await this.#cut(session);
		}
		await rename(session, this.#path, to);
		return true;
	}

	async remove(session: Session): Promise<void> {
		await Promise.all([this.#path, this.next, this.#copy].map(path => remove(session, path)));
	}

	async #takeCopy(session: Session, to: string): Promise<boolean> {
		if ((await this.#sizeOf(session, this.next)) === undefined) {
			return false;
		}
		const {mode} = this.#options;
		await copyFile(session, {from: this.next, to: this.#copy, size: this.#state.offset, mode});
		await this.#sync(session, this.#copy);
		await rename(session, this.#copy, to);
		if (to !== this.next) {
			await remove(session, this.next);
		}
		return true;
	}

	async #sizeOf(session: Session, path: string): Promise<number | undefined> {
		const attributes = await attributesOf(session, path);
		if (attributes !== undefined && !attributes.isFile()) {
			throw new OutsideRootError(`${path} is not a file`);
		}
		const {key, offset} = this.#state;
		if (attributes !== undefined && attributes.size < offset) {
			throw new MissingError(`the upload for ${key} has ${attributes.size} of ${offset} bytes`);
		}
		return attributes?.size;
	}

	async #cut(session: Session): Promise<void> {
		const size = this.#state.offset;
		await session.request(`cut ${this.#path}`, (channel, done) => channel.setstat(this.#path, {size}, done));
		await this.#sync(session, this.#path);
	}

	async #sync(session: Session, path: string): Promise<void> {
		if (this.#options.durable) {
			await withFile(session, path, 'r+', handle => syncFile(session, handle));
		}
	}
}
