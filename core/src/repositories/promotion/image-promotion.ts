import type {Action} from '../../access/action.ts';
import {LiveHashes} from '../../blobs/live-hashes.ts';
import type {EventBus} from '../../events/event-bus.ts';
import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {PromotionOutcome, PromotionRequest} from '../../metadata/promotion-records.ts';
import type {ImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {Storage} from '../../storage/storage.ts';
import type {Abortable} from '../../types/abortable.ts';
import type {Logger} from '../../types/logger.ts';
import type {Repositories} from '../repositories.ts';
import {copyBlobs} from './copy-blobs.ts';
import {type PromotionEnd, findPromotionEnd} from './promotion-end.ts';
import {tellPromotion} from './tell-promotion.ts';
import {tryPromotion} from './try-promotion.ts';

export interface ImagePromotionParts {
	readonly metadata: MetadataStore;
	readonly repositories: Repositories;
	/** By name. */
	readonly storages: ReadonlyMap<string, Storage>;
	readonly events: EventBus;
	readonly logger: Logger;
}

export interface ImageReference {
	/** Key of a repository; of one made of others, that which takes what is pushed is meant. */
	readonly repository: string;
	readonly image: ImageName;
	readonly tag?: TagName;
}

export interface PromoteOptions extends Abortable {
	/** Name of who promotes. */
	readonly by: string;
	/** Throws unless who promotes may do this. Asked before it is looked whether anything exists. */
	readonly demand: (action: Action, repository: string, image: ImageName) => void;
	/** Whether the source keeps what it has; otherwise it is moved. */
	readonly copy: boolean;
}

export type PromotedImage = Extract<PromotionOutcome, {outcome: 'promoted'}>;

/** How often blobs may be found missing on the other storage because the source was pushed to meanwhile. */
const rounds = 10;

/**
 * Gives an image of one repository to another, or a tag another name: manifests with all that they name and all that
 * refers to them, so signatures and attestations too. Within one storage it is one transaction that moves no bytes;
 * across storages each blob is copied and checked before that transaction. Whenever it ends, even by `kill -9`, either
 * all of it has happened or nothing that anybody can see.
 */
export class ImagePromotion {
	readonly #parts: ImagePromotionParts;

	constructor(parts: ImagePromotionParts) {
		this.#parts = parts;
	}

	/** Without a tag, `from` is the whole image. Rejects with `RegistryError`. */
	async promote(from: ImageReference, to: ImageReference, options: PromoteOptions): Promise<PromotedImage> {
		const {source, target, request, mayMoveTags} = await this.#prepare(from, to, options);
		const {by, signal} = options;
		const promoted = await this.#run(request, {target, signal, mayMoveTags});
		tellPromotion(this.#parts.events, promoted, {
			from: {...from, repository: source.key},
			to: {...to, repository: target.key},
			by,
		});
		return promoted;
	}

	/** Rejects as `promote` would, and changes nothing. Blobs that would have to be copied are not looked at. */
	async check(from: ImageReference, to: ImageReference, options: PromoteOptions): Promise<void> {
		const {request, mayMoveTags} = await this.#prepare(from, to, options);
		const {metadata} = this.#parts;
		let {outcome} = await tryPromotion(metadata, {...request, mayMoveTags: false});
		if (outcome === 'tag-exists') {
			mayMoveTags();
			({outcome} = await tryPromotion(metadata, {...request, mayMoveTags: true}));
		}
		if (outcome === 'unknown') {
			throw unknown(request);
		}
	}

	/**
	 * Where it would be promoted from and to. Rejects as `promote` would for a caller who may not, and for repositories that
	 * cannot be these; whether the image is there is not looked at.
	 */
	async findEnds(
		from: ImageReference,
		to: ImageReference,
		options: PromoteOptions,
	): Promise<{readonly source: PromotionEnd; readonly target: PromotionEnd}> {
		return this.#prepare(from, to, options);
	}

	async #prepare(from: ImageReference, to: ImageReference, {copy, by, demand}: PromoteOptions) {
		checkRequest(from, to);
		const [source, target] = [
			await this.#openEnd(from, sourceActions(from, to, copy), demand),
			await this.#openEnd(to, ['write'], demand),
		];
		if (source.id === target.id && from.image === to.image && from.tag === (to.tag ?? from.tag)) {
			throw new RegistryError('UNSUPPORTED', 'source and target are the same', {status: 400});
		}
		const request: Omit<PromotionRequest, 'mayMoveTags'> = {
			from: {repository: source.id, image: from.image},
			to: {repository: target.id, image: to.image},
			tag: from.tag,
			targetTag: to.tag,
			storage: target.storage,
			rules: {source: source.rules?.writes, target: target.rules?.writes},
			copy,
			by,
		};
		return {source, target, request, mayMoveTags: () => demand('delete', target.key, to.image)};
	}

	/** Asks for the rights on what is named, and on what it turns out to be. */
	async #openEnd(
		{repository, image}: ImageReference,
		actions: readonly Action[],
		demand: PromoteOptions['demand'],
	): Promise<PromotionEnd> {
		for (const action of actions) {
			demand(action, repository, image);
		}
		const end = await findPromotionEnd(this.#parts, repository, image);
		for (const action of actions) {
			demand(action, end.key, image);
		}
		return end;
	}

	async #run(
		request: Omit<PromotionRequest, 'mayMoveTags'>,
		{target, signal, mayMoveTags}: RunOptions,
	): Promise<PromotedImage> {
		let moving = false;
		for (let round = 0; round < rounds; round++) {
			signal?.throwIfAborted();
			const outcome = await this.#parts.metadata.promotions.promote({...request, mayMoveTags: moving});
			switch (outcome.outcome) {
				case 'promoted':
					return outcome;
				case 'unknown':
					throw unknown(request);
				case 'tag-exists':
					mayMoveTags();
					moving = true;
					break;
				case 'uncopied':
					await copyBlobs(outcome.blobs, {
						...this.#parts,
						target,
						image: request.to.image,
						by: request.by,
						hashes: new LiveHashes(),
						signal,
					});
			}
		}
		throw new RegistryError('UNAVAILABLE', 'the source changes faster than it can be copied: try again');
	}
}

interface RunOptions extends Abortable {
	readonly target: PromotionEnd;
	/** Throws when the caller may not move a tag of the target. */
	readonly mayMoveTags: () => void;
}

function sourceActions(from: ImageReference, to: ImageReference, copy: boolean): readonly Action[] {
	const retags = to.tag !== undefined && to.tag !== from.tag;
	return ['read', ...(retags ? (['annotate'] as const) : []), ...(copy ? [] : (['delete'] as const))];
}

function checkRequest(from: ImageReference, to: ImageReference): void {
	if (from.tag === undefined && to.tag !== undefined) {
		throw new RegistryError('TAG_INVALID', 'another tag can only be given to one tag: name it');
	}
}

function unknown({from, tag}: Omit<PromotionRequest, 'mayMoveTags'>): RegistryError {
	return tag === undefined
		? new RegistryError('NAME_UNKNOWN', `there is no image ${from.image}`, {detail: {name: from.image}})
		: new RegistryError('MANIFEST_UNKNOWN', `there is no ${from.image}:${tag}`, {detail: {name: from.image, tag}});
}
