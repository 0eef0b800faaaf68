import {
	type BlobSource,
	type Descriptor,
	type Digest,
	type DigestAlgorithm,
	type ImageName,
	type Repositories,
	RegistryError,
	StorageError,
	digestAlgorithm,
	findImageName,
	isDigestAlgorithm,
	parseDigest,
	serves,
} from '@stowage/core';
import {registryErrorOf} from '../error-status.ts';
import type {ImageContext} from '../http-context.ts';
import {hasBody, openBody} from '../request-body.ts';
import {findParameter} from './query.ts';
import {answerCreated, answerUpload, parseDigestParameter} from './upload-answer.ts';
import {writeOptions, writerOf} from './writer-of.ts';

/**
 * `POST /<image>/blobs/uploads/` (specification): starts an upload (end-4a), takes a whole blob (`digest`, end-4b), with
 * an algorithm said beforehand (`digest-algorithm`, end-4c), or gives the image a blob that is here already (`mount`, end-11).
 */
export async function startUpload(context: ImageContext, repositories: Repositories): Promise<void> {
	const writer = writerOf(context);
	const algorithm = parseAlgorithm(context);
	const {blob, warning} = await mount(context, repositories);
	if (blob !== undefined) {
		answerCreated(context, blob);
		return;
	}
	if (findParameter(context, 'mount') === undefined && findParameter(context, 'digest') !== undefined) {
		await receiveWhole(context);
		return;
	}
	const upload = await writer.startUpload(context.image, {...writeOptions(context), algorithm});
	answerUpload(context, upload, warning);
}

/** What is not whole and right is not kept: the client never learns of this upload. */
async function receiveWhole(context: ImageContext): Promise<void> {
	const digest = parseDigestParameter(context);
	const options = {...writeOptions(context), algorithm: digestAlgorithm(digest)};
	const upload = await writerOf(context).startUpload(context.image, options);
	try {
		if (hasBody(context)) {
			await upload.append(openBody(context), {...options, givenAway: true});
		}
		answerCreated(context, await upload.commit(digest, options), upload);
	} catch (error) {
		await upload.cancel();
		throw error;
	}
}

function parseAlgorithm(context: ImageContext): DigestAlgorithm | undefined {
	const algorithm = findParameter(context, 'digest-algorithm');
	if (algorithm !== undefined && !isDigestAlgorithm(algorithm)) {
		const detail = {algorithm: algorithm.slice(0, 40)};
		throw new RegistryError('DIGEST_INVALID', 'digest-algorithm must be sha256 or sha512', {detail});
	}
	return algorithm;
}

interface Mounted {
	/** Undefined when the client has to upload. */
	readonly blob?: Descriptor;
	/** Why, where that is trouble. */
	readonly warning?: string;
}

/**
 * What cannot be mounted is uploaded (specification, "Mounting a blob from another repository"), be it that its source is in
 * trouble: that of the target is met by the upload as well. What the client is refused, for a quota say, he is told before
 * he sends anything.
 */
async function mount(context: ImageContext, repositories: Repositories): Promise<Mounted> {
	const text = findParameter(context, 'mount');
	if (text === undefined) {
		return {};
	}
	const digest = parseDigest(text);
	try {
		return {blob: await mountBlob(context, digest, repositories)};
	} catch (error) {
		if (!(error instanceof RegistryError || error instanceof StorageError) || isRefusal(error)) {
			throw error;
		}
		return {warning: `the blob cannot be mounted: ${registryErrorOf(error, context.requestId).message}`};
	}
}

/** Of this registry: an upstream that refuses something has nothing against the client. */
function isRefusal(error: RegistryError | StorageError): boolean {
	return error instanceof RegistryError && error.code === 'DENIED' && error.elsewhere === undefined;
}

/** A source that he may not read is treated like one that is not there. */
async function mountBlob(
	context: ImageContext,
	digest: Digest,
	repositories: Repositories,
): Promise<Descriptor | undefined> {
	const name = findParameter(context, 'from') || undefined;
	const from = name === undefined ? undefined : await findSource(context, name, repositories);
	if (name !== undefined && from === undefined) {
		return undefined;
	}
	return writerOf(context).mountBlob(context.image, digest, from, writeOptions(context));
}

async function findSource(
	context: ImageContext,
	name: string,
	repositories: Repositories,
): Promise<BlobSource | undefined> {
	const {address, caller, repository} = context;
	if (address.namePrefix === '') {
		return sourceOf(context, repository.key, findImageName(name), repositories);
	}
	const slash = name.indexOf('/');
	const image = slash < 0 ? undefined : findImageName(name.slice(slash + 1));
	const key = name.slice(0, Math.max(slash, 0));
	return caller.may('read', key, image) ? sourceOf(context, key, image, repositories) : undefined;
}

async function sourceOf(
	{caller}: ImageContext,
	key: string,
	image: ImageName | undefined,
	repositories: Repositories,
): Promise<BlobSource | undefined> {
	if (image === undefined || !caller.may('read', key, image)) {
		return undefined;
	}
	const repository = await repositories.get(key);
	return repository !== undefined && serves(repository, image) ? {repository, image} : undefined;
}
