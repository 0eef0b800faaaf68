import {
	type BlobSource,
	type Descriptor,
	type Digest,
	type ImageName,
	type PushedManifest,
	type PutManifestOutcome,
	RegistryError,
	type RepositoryContext,
	type RepositoryWriter,
	type StartPushOptions,
	type StoredPush,
	type TagName,
	type Upload,
	type WriteOptions,
	type WriteRules,
	digestAlgorithm,
	digestOf,
	parseManifest,
} from '@stowage/core';
import {mountBlob} from './mount-blob.ts';
import {findQuotaWarning} from './quota-warning.ts';
import type {LocalOptions} from './options.ts';

/** The pushing side of a local repository. */
export class LocalWriter implements RepositoryWriter {
	readonly #options: LocalOptions;
	readonly #context: RepositoryContext;

	constructor(options: LocalOptions, context: RepositoryContext) {
		this.#options = options;
		this.#context = context;
	}

	startUpload(image: ImageName, {caller, algorithm, signal}: StartPushOptions): Promise<Upload> {
		const {blobs, openUploadsPerUser} = this.#context;
		return blobs.startUpload({image, startedBy: caller.name}, {algorithm, openAtMost: openUploadsPerUser, signal});
	}

	findUpload(image: ImageName, id: string, {caller}: WriteOptions): Promise<Upload | undefined> {
		return this.#context.blobs.findUpload({image, startedBy: caller.name}, id);
	}

	mountBlob(
		image: ImageName,
		digest: Digest,
		from: BlobSource | undefined,
		options: WriteOptions,
	): Promise<Descriptor | undefined> {
		return mountBlob(this.#context, {image, digest, from}, options);
	}

	async putManifest(image: ImageName, pushed: PushedManifest, {caller}: WriteOptions): Promise<StoredPush> {
		const manifest = parseManifest(pushed.bytes, pushed.mediaType, this.#checkedDigest(pushed));
		const outcome = await this.#context.records.putManifest(image, manifest, {
			tags: pushed.tags,
			by: caller.name,
			mayMoveTags: caller.may('delete', this.#context.key, image),
			sparse: this.#options.sparseIndexes,
			rules: this.#context.rules.writes,
		});
		if (outcome.outcome !== 'stored') {
			throw refusal(outcome);
		}
		const {removal, totals} = outcome;
		const warning = findQuotaWarning(this.#context.rules.writes.quota, totals);
		return {...manifest, ...(removal && {removal}), ...(warning !== undefined && {warning})};
	}

	async deleteManifest(image: ImageName, digest: Digest, options: WriteOptions): Promise<boolean> {
		const outcome = await this.#context.records.deleteManifest(image, digest, this.#rulesFor(options));
		if (outcome === 'in-index') {
			throw new RegistryError('DENIED', 'an index of the image names this manifest: delete that first', {
				detail: {digest},
			});
		}
		return outcome === 'deleted';
	}

	deleteTag(image: ImageName, tag: TagName, options: WriteOptions): Promise<boolean> {
		return this.#context.records.deleteTag(image, tag, this.#rulesFor(options));
	}

	async deleteBlob(image: ImageName, digest: Digest): Promise<boolean> {
		const outcome = await this.#context.records.release(image, digest);
		if (outcome === 'in-use') {
			throw new RegistryError('DENIED', 'a manifest of the image needs this blob: delete that first', {
				detail: {digest},
			});
		}
		return outcome === 'released';
	}

	/** An administrator may delete what is immutable: moving a tag takes that step first. */
	#rulesFor({caller}: WriteOptions): WriteRules | undefined {
		return caller.admin ? undefined : this.#context.rules.writes;
	}

	#checkedDigest({bytes, digest}: PushedManifest): Digest {
		const {maxManifestBytes} = this.#options;
		if (bytes.length > maxManifestBytes) {
			throw new RegistryError('MANIFEST_INVALID', `a manifest may have at most ${maxManifestBytes} bytes`, {
				status: 413,
			});
		}
		const actual = digestOf(bytes, digest && digestAlgorithm(digest));
		if (digest !== undefined && digest !== actual) {
			throw new RegistryError('DIGEST_INVALID', 'the manifest has another digest', {
				detail: {expected: digest, actual},
			});
		}
		return actual;
	}
}

function refusal(outcome: Exclude<PutManifestOutcome, {outcome: 'stored'}>): RegistryError {
	if (outcome.outcome === 'missing') {
		return new RegistryError('MANIFEST_BLOB_UNKNOWN', 'the image does not have what the manifest refers to', {
			detail: outcome.references.map(({digest, mediaType}) => ({digest, mediaType})),
		});
	}
	return new RegistryError('DENIED', 'pointing a tag at another manifest needs the right to delete', {
		detail: {tags: outcome.tags},
	});
}
