import {
	type BlobContent,
	type Descriptor,
	type FoundBlob,
	type FoundManifest,
	type ImageName,
	type Page,
	type Repository,
	type RepositoryContext,
	StoredV1Images,
	type TagName,
	type V1Images,
} from '@stowage/core';

/** A local repository of Docker's first API: there is nothing in it for V2. */
export class V1LocalRepository implements Repository {
	readonly key: string;
	readonly type = 'local';
	readonly protocols = ['v1'];
	readonly readOnlyBecause: string;
	readonly v1: V1Images;

	constructor(context: RepositoryContext) {
		this.key = context.key;
		this.readOnlyBecause = `"${context.key}" speaks Docker's first API alone (dockerApiVersion: V1): push to another repository`;
		this.v1 = new StoredV1Images(context);
	}

	async findManifest(): Promise<FoundManifest | undefined> {
		return undefined;
	}

	async findBlob(): Promise<FoundBlob | undefined> {
		return undefined;
	}

	async openBlob(): Promise<BlobContent | undefined> {
		return undefined;
	}

	async listTags(): Promise<Page<TagName> | undefined> {
		return undefined;
	}

	async listImages(): Promise<Page<ImageName>> {
		return {items: []};
	}

	async listReferrers(): Promise<Page<Descriptor>> {
		return {items: []};
	}
}
