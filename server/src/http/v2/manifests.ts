import {
	type FoundManifest,
	type Reference,
	RegistryError,
	dockerSchema1Type,
	dockerSignedSchema1Type,
	parseReference,
	warningValue,
} from '@stowage/core';
import type {OutgoingHttpHeaders} from 'node:http';
import {answer} from '../answer.ts';
import {httpDateOf} from '../http-date.ts';
import type {ImageContext} from '../http-context.ts';
import {beforePush} from './before-push.ts';
import {isNotModified} from './preconditions.ts';
import {readOptions} from './read-options.ts';
import {writeOptions, writerOf} from './writer-of.ts';

const schema1Warning = warningValue(
	'manifests of schema 1 are deprecated: push this image again with a current client',
);

/** How long a date must have passed before it tells two states of a tag apart (RFC 9110, section 8.8.2.2). */
const settledMs = 2000;

/** `GET` and `HEAD /<image>/manifests/<reference>` (specification, end-3). The whole way is kept short: this is what pulling is. */
export async function getManifest(context: ImageContext): Promise<void> {
	const {repository, image} = context;
	const reference = parseReference(context.params['reference'] ?? '');
	let found: FoundManifest | undefined;
	try {
		found = await repository.findManifest(image, reference, readOptions(context));
	} catch (error) {
		throw beforePush(context, error, 'MANIFEST_UNKNOWN');
	}
	if (found === undefined) {
		throw manifestUnknown(context, reference);
	}
	const {bytes, digest, mediaType} = found.manifest;
	const headers: OutgoingHttpHeaders = {
		'Content-Type': mediaType,
		'Content-Length': bytes.length,
		'Docker-Content-Digest': digest,
		ETag: `"${digest}"`,
		'Cache-Control': reference.tag === undefined ? 'private, max-age=31536000' : 'private, no-cache',
		'X-Content-Type-Options': 'nosniff',
		'X-Artifactory-Docker-Registry': found.repository,
	};
	if (mediaType === dockerSchema1Type || mediaType === dockerSignedSchema1Type) {
		headers['Warning'] = schema1Warning;
	}
	if (found.warning !== undefined) {
		headers['Warning'] = warningValue(found.warning);
	}
	const modifiedAt = addLastModified(headers, reference, found);
	const request = context.req.headers;
	const conditional = request['if-none-match'] !== undefined || request['if-modified-since'] !== undefined;
	if (conditional && isNotModified(request, {etag: digest, modifiedAt})) {
		delete headers['Content-Length'];
		answer(context, 304, headers);
		return;
	}
	answer(context, 200, headers, bytes);
}

/** `DELETE /<image>/manifests/<reference>` (end-9): a tag alone, or a manifest with its tags. */
export async function deleteManifest(context: ImageContext): Promise<void> {
	const reference = parseReference(context.params['reference'] ?? '');
	const writer = writerOf(context);
	const options = writeOptions(context);
	const deleted =
		reference.tag === undefined
			? await writer.deleteManifest(context.image, reference.digest, options)
			: await writer.deleteTag(context.image, reference.tag, options);
	if (!deleted) {
		throw manifestUnknown(context, reference);
	}
	answer(context, 202, {'Content-Length': 0});
}

/** A tag's time of change; what a digest names has none. */
function addLastModified(headers: OutgoingHttpHeaders, reference: Reference, found: FoundManifest): Date | undefined {
	const {taggedAt} = found;
	if (reference.tag === undefined) {
		return undefined;
	}
	if (taggedAt !== undefined && Date.now() - taggedAt.getTime() > settledMs) {
		headers['Last-Modified'] = httpDateOf(taggedAt);
		return taggedAt;
	}
	return new Date();
}

function manifestUnknown({repository, image}: ImageContext, reference: Reference): RegistryError {
	const detail = {name: repository.nameOf?.(image) ?? image, reference: reference.tag ?? reference.digest};
	return new RegistryError('MANIFEST_UNKNOWN', 'manifest unknown', {detail});
}
