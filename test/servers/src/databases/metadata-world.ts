import {
	type Digest,
	type ImageName,
	type ManifestRecord,
	type ManifestReference,
	type MetadataStore,
	type PutManifestOptions,
	type RepositoryRecords,
	type TagName,
	digestOf,
	parseImageName,
	parseTagName,
} from '@stowage/core';
import {type DatabaseOptions, openMetadata} from '@stowage/core/metadata';
import type {TestDatabase} from './databases.ts';

/** The part of ava's `t` that a world needs. */
export interface Teardown {
	teardown(end: () => Promise<void>): void;
}

/** A database with tables, a repository in it, and an image of that. */
export interface MetadataWorld {
	readonly options: DatabaseOptions;
	readonly store: MetadataStore;
	readonly repositoryId: number;
	readonly records: RepositoryRecords;
	readonly image: ImageName;
	/** Another store on the same database, as another process has it. */
	readonly openAnother: () => Promise<MetadataStore>;
	/** Stores a blob that the image holds. */
	readonly addBlob: (text: string, image?: ImageName) => Promise<Digest>;
}

export async function openMetadataWorld(t: Teardown, database: TestDatabase): Promise<MetadataWorld> {
	const {options, cleanup} = await database.open();
	t.teardown(cleanup);
	const openAnother = async () => {
		const store = await openMetadata(options);
		t.teardown(() => store.close());
		return store;
	};
	const store = await openAnother();
	const {id} = await addRepository(store, 'docker-local');
	const image = parseImageName('library/hello');
	const addBlob = (text: string, holder = image) => addBlobTo(store, {repository: id, image: holder, text});
	return {options, store, repositoryId: id, records: store.repository(id), image, openAnother, addBlob};
}

export function addRepository(store: MetadataStore, key: string): Promise<{readonly id: number}> {
	return store.definitions.insert({key, type: 'local', storage: 'main', description: '', options: {}});
}

export interface AddBlobRequest {
	readonly repository: number;
	readonly image: ImageName;
	readonly text: string;
}

/** As a commit does it: in one transaction, with a key that nobody else has. */
export async function addBlobTo(store: MetadataStore, {repository, image, text}: AddBlobRequest): Promise<Digest> {
	const digest = digestOf(Buffer.from(text));
	await store.transaction(async inner => {
		await inner.blobs.insert({
			digest,
			size: text.length,
			storage: 'main',
			key: `blobs/${digest}/${crypto.randomUUID()}`,
		});
		await inner.repository(repository).hold(image, 'main', digest);
	});
	return digest;
}

export interface ManifestParts {
	readonly text: string;
	readonly layers?: readonly Digest[];
	/** Entries of an index. */
	readonly entries?: readonly Digest[];
	/** Layers that clients fetch from elsewhere. */
	readonly foreign?: readonly Digest[];
	readonly subject?: Digest;
	readonly artifactType?: string;
	readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest whose bytes are `text`: nothing behind the metadata port parses them. */
export function manifestOf({text, layers = [], entries = [], foreign = [], ...rest}: ManifestParts): ManifestRecord {
	const bytes = Buffer.from(text);
	const references = [
		...layers.map(digest => referenceTo('layer', digest, true)),
		...foreign.map(digest => referenceTo('layer', digest, false)),
		...entries.map(digest => referenceTo('manifest', digest, true)),
	];
	return {mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf(bytes), bytes, references, ...rest};
}

function referenceTo(kind: ManifestReference['kind'], digest: Digest, required: boolean): ManifestReference {
	return {kind, descriptor: {mediaType: 'application/octet-stream', digest, size: 1}, required};
}

export function putOptions(
	tags: readonly string[] = [],
	options: Partial<PutManifestOptions> = {},
): PutManifestOptions {
	return {tags: tags.map(parseTagName), by: 'somebody', mayMoveTags: true, sparse: false, ...options};
}

export function tagged(tag: string): {readonly tag: TagName} {
	return {tag: parseTagName(tag)};
}
