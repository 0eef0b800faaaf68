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

/** Images that are looked at for one that the repository serves. */
const holdersLookedAt = 200;

/**
 * Gives `image` a blob that the caller may read elsewhere. Rights are asked before anything is looked for: what is looked
 * for, and so the time that it takes, depends on nothing that he may not read.
 */
export async function mountBlob(context: RepositoryContext, mount: Mount, options: WriteOptions) {
	return mount.from === undefined
		? mountFromHere(context, mount, options)
		: mountFrom(context, {...mount, from: mount.from}, options);
}

/**
 * Who may read everything gets what any image has. For others only the image itself is looked at: to pick from the images
 * that have a blob those which they may read would take the longer, the more of the others there are.
 */
async function mountFromHere(
	context: RepositoryContext,
	{image, digest}: Mount,
	{caller}: WriteOptions,
): Promise<Descriptor | undefined> {
	if (!caller.may('read', context.key, image)) {
		return undefined;
	}
	const {records, blobs} = context;
	const has = caller.admin ? await isServed(context, digest) : (await records.findBlob(image, digest)) !== undefined;
	return has ? blobs.hold(image, digest) : undefined;
}

async function isServed({records, rules}: RepositoryContext, digest: Digest): Promise<boolean> {
	const holders = await records.findHolders(digest, holdersLookedAt);
	return holders.some(holder => serves({rules}, holder));
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
