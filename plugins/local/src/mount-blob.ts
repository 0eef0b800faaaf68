import type {Readable} from 'node:stream';
import {
	type BlobContent,
	type BlobSource,
	type Descriptor,
	type Digest,
	type ImageName,
	type RepositoryContext,
	type WriteOptions,
	serves,
} from '@stowage/core';

export interface Mount {
	readonly image: ImageName;
	readonly digest: Digest;
	readonly from: BlobSource | undefined;
}

/** Images that are looked at for one that the caller may read. */
const holdersLookedAt = 200;

/**
 * Gives `image` a blob that the caller may read elsewhere. Rights are asked before anything is looked for, so that
 * neither the answer nor the time it takes tells of a blob that he may not read.
 */
export async function mountBlob(context: RepositoryContext, mount: Mount, options: WriteOptions) {
	return mount.from === undefined
		? mountFromHere(context, mount, options)
		: mountFrom(context, {...mount, from: mount.from}, options);
}

async function mountFromHere(
	{key, records, blobs, rules}: RepositoryContext,
	{image, digest}: Mount,
	{caller}: WriteOptions,
): Promise<Descriptor | undefined> {
	if (!caller.may('read', key)) {
		return undefined;
	}
	const holders = await records.findHolders(digest, holdersLookedAt);
	const may = (holder: ImageName) => serves({rules}, holder) && caller.may('read', key, holder);
	return holders.some(may) ? blobs.hold(image, digest) : undefined;
}

async function mountFrom(
	context: RepositoryContext,
	mount: Mount & {readonly from: BlobSource},
	options: WriteOptions,
): Promise<Descriptor | undefined> {
	const {image, digest, from} = mount;
	if (!options.caller.may('read', from.repository.key, from.image)) {
		return undefined;
	}
	const found = await from.repository.findBlob(from.image, digest, options);
	if (found === undefined) {
		return undefined;
	}
	return (await context.blobs.hold(image, digest)) ?? copyBlob(context, mount, options);
}

/** The source is on another storage, or its repository has not fetched it yet. */
async function copyBlob(
	{blobs}: RepositoryContext,
	{image, digest, from}: Mount & {readonly from: BlobSource},
	{caller, signal}: WriteOptions,
): Promise<Descriptor | undefined> {
	const content = await from.repository.openBlob(from.image, digest, {caller, signal});
	const body = content && (await openBody(content));
	if (body === undefined) {
		return undefined;
	}
	try {
		const upload = await blobs.startUpload({image, startedBy: caller.name}, {signal});
		try {
			await upload.append(body, {signal});
			return await upload.commit(digest, {signal});
		} catch (error) {
			await upload.cancel();
			throw error;
		}
	} finally {
		body.destroy();
	}
}

async function openBody(content: BlobContent): Promise<Readable | undefined> {
	if (content.kind === 'bytes') {
		return content.body;
	}
	return content.kind === 'file' ? content.open() : undefined;
}
