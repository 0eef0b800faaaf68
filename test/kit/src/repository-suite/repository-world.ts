import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import {
	type Action,
	type BlobContent,
	type Caller,
	type Descriptor,
	type Digest,
	type ImageName,
	type Repository,
	type RepositoryWriter,
	parseImageName,
	parseTagName,
} from '@stowage/core';
import type {Content, ImageFixture} from '../image-fixture.ts';
import type {RepositoryUnderTest} from './suite-case.ts';

/** What a case works with. */
export class RepositoryWorld {
	readonly under: RepositoryUnderTest;
	readonly repository: Repository;
	/** The image that most cases use. */
	readonly image = parseImageName('library/alpine');
	/** Options of a caller who may do everything. */
	readonly as: {readonly caller: Caller};

	constructor(under: RepositoryUnderTest) {
		this.under = under;
		this.repository = under.repository;
		this.as = {caller: under.caller};
	}

	/** Of the repository that is pushed to. */
	get writer(): RepositoryWriter {
		const {writer} = this.under.pushTo ?? this.repository;
		assert.ok(writer, 'the suite needs a repository with a writer to push to');
		return writer;
	}

	/** That of another process. */
	async anotherWriter(): Promise<RepositoryWriter> {
		const {under} = this;
		const {writer} = await (under.anotherToPushTo === undefined ? under.another() : under.anotherToPushTo());
		assert.ok(writer, 'the suite needs a repository with a writer to push to, in another process too');
		return writer;
	}

	/** A caller of another name, or one who may only do what `may` says of an image. */
	callerWho(name: string, may: (action: Action, image: ImageName | undefined) => boolean = () => true) {
		const caller: Caller = {name, anonymous: false, admin: false, may: (action, _, image) => may(action, image)};
		return {caller};
	}

	async pushBlob(content: Pick<Content, 'bytes' | 'digest'>, image = this.image, writer = this.writer) {
		const upload = await writer.startUpload(image, this.as);
		await upload.append(Readable.from([content.bytes]));
		return upload.commit(content.digest);
	}

	async putManifest(manifest: Content, tags: readonly string[] = [], image = this.image) {
		const {bytes, mediaType, digest} = manifest;
		const names = tags.map(tag => parseTagName(tag));
		return this.writer.putManifest(image, {bytes, mediaType, digest, tags: names}, this.as);
	}

	async pushImage({manifest, blobs}: ImageFixture, tags: readonly string[] = [], image = this.image) {
		for (const blob of blobs) {
			await this.pushBlob(blob, image);
		}
		return this.putManifest(manifest, tags, image);
	}

	findByTag(tag: string, image = this.image) {
		return this.repository.findManifest(image, {tag: parseTagName(tag)}, this.as);
	}

	findByDigest(digest: Digest, image = this.image) {
		return this.repository.findManifest(image, {digest}, this.as);
	}

	findBlob(digest: Digest, image = this.image): Promise<Descriptor | undefined> {
		return this.repository.findBlob(image, digest, this.as).then(found => found?.descriptor);
	}

	/** Undefined when the image does not have it. */
	async readBlob(digest: Digest, options: {start?: number; end?: number; image?: ImageName} = {}) {
		const {start, end, image = this.image} = options;
		const range = start === undefined ? undefined : (size: number) => ({start, end: end ?? size});
		const content = await this.repository.openBlob(image, digest, {...this.as, range});
		return content && {size: content.size, bytes: await readContent(content)};
	}

	/** Every item of a list, page by page. */
	async collect<Item>(
		list: (page: {limit: number; after?: string}) => Promise<{items: readonly Item[]; next?: string} | undefined>,
		limit: number,
	): Promise<readonly Item[]> {
		const items: Item[] = [];
		for (let after: string | undefined; ;) {
			const page = await list({limit, after});
			items.push(...(page?.items ?? []));
			assert.ok((page?.items.length ?? 0) <= limit, 'a page is longer than was asked for');
			if (page?.next === undefined) {
				return items;
			}
			assert.equal(page.items.length, limit, 'a page that is not the last is not full');
			after = page.next;
		}
	}
}

async function readContent(content: BlobContent): Promise<Buffer> {
	assert.notEqual(content.kind, 'elsewhere', 'who cannot follow a redirect was given one');
	const body = content.kind === 'bytes' ? content.body : content.kind === 'file' ? await content.open() : undefined;
	return Buffer.concat((await body?.toArray()) ?? []);
}

/** Asserts that `work` is refused with this code of the specification. */
export async function refuses(code: string, work: Promise<unknown>): Promise<void> {
	await assert.rejects(work, (error: Error & {code?: unknown}) => {
		assert.equal(error.code, code, error.message);
		return true;
	});
}
