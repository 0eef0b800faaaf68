import {
	type Digest,
	type ImageName,
	type ManifestReference,
	RegistryError,
	type WriteOptions,
	digestOf,
	maxManifestReferences,
	parseManifest,
} from '@stowage/core';
import type {Deployment} from './deployment.ts';
import type {VirtualRepository} from './virtual-repository.ts';

export interface CompletionParts {
	readonly deployment: Deployment;
	readonly virtual: VirtualRepository;
	readonly image: ImageName;
	/** Of the client's push. */
	readonly options: WriteOptions;
}

interface Document {
	readonly mediaType: string;
	readonly bytes: Buffer;
	readonly digest?: Digest;
}

/** Indexes in indexes, counted from the one that is pushed. */
const deepest = 4;

/**
 * Brings what a manifest names to the member that takes it from the members where the client found it: blobs are held
 * where both are on one storage and copied else, manifests of an index are stored with all that they name. Bounded in
 * depth and number. What no member has is left out: storing the manifest then says what is missing.
 */
export class ManifestCompletion {
	readonly #parts: CompletionParts;
	readonly #done = new Set<Digest>();

	constructor(parts: CompletionParts) {
		this.#parts = parts;
	}

	async complete({mediaType, bytes, digest = digestOf(bytes)}: Document, depth = 1): Promise<void> {
		for (const reference of parseManifest(bytes, mediaType, digest).references) {
			const {digest} = reference.descriptor;
			if (reference.required && !this.#done.has(digest)) {
				this.#done.add(digest);
				this.#checkBounds(depth);
				await this.#bring(reference, depth);
			}
		}
	}

	async #bring({kind, descriptor: {digest}}: ManifestReference, depth: number): Promise<void> {
		const {repository, options} = this.#parts.deployment;
		const {image} = this.#parts;
		options.signal?.throwIfAborted();
		const inside = {...options, peek: true};
		if (kind === 'manifest' && (await repository.findManifest(image, {digest}, inside)) !== undefined) {
			return;
		}
		if ((await repository.findBlob(image, digest, inside)) !== undefined) {
			return;
		}
		if (kind !== 'manifest' || !(await this.#bringManifest(digest, depth))) {
			await this.#bringBlob(digest);
		}
	}

	/** False when no member has such a manifest: an index may name blobs as well. */
	async #bringManifest(digest: Digest, depth: number): Promise<boolean> {
		const {virtual, deployment, image, options} = this.#parts;
		const found = await virtual.findManifest(image, {digest}, {...options, peek: true});
		if (found === undefined) {
			return false;
		}
		const {mediaType, bytes} = found.manifest;
		await this.complete({mediaType, bytes, digest}, depth + 1);
		await deployment.writer.putManifest(image, {mediaType, bytes, digest, tags: []}, deployment.options);
		return true;
	}

	async #bringBlob(digest: Digest): Promise<void> {
		const {virtual, deployment, image, options} = this.#parts;
		const found = await virtual.findBlobHolder(image, digest, options);
		if (found !== undefined) {
			const from = {repository: found.holder, image};
			await deployment.writer.mountBlob(image, digest, from, deployment.options);
		}
	}

	#checkBounds(depth: number): void {
		if (depth > deepest || this.#done.size > maxManifestReferences) {
			throw new RegistryError('MANIFEST_INVALID', 'the manifest names too much that is in other repositories');
		}
	}
}
