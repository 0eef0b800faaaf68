import {
	RegistryError,
	type TagName,
	findManifestKind,
	mediaTypeOf,
	parseReference,
	parseTagName,
	warningValue,
} from '@stowage/core';
import {locationOf} from '../addressing.ts';
import {answer} from '../answer.ts';
import type {ImageContext} from '../http-context.ts';
import {readBody} from '../request-body.ts';
import {listParameter} from './query.ts';
import {writeOptions, writerOf} from './writer-of.ts';

/** What the specification wants every registry to take, and what clients read at most. */
const largestManifest = 4 * 1024 * 1024;

/** The specification wants ten at least. */
const mostTags = 100;

/** `PUT /<image>/manifests/<reference>[?tag=...]` (specification, end-7 and end-7b). */
export async function putManifest(context: ImageContext): Promise<void> {
	const writer = writerOf(context);
	const reference = parseReference(context.params['reference'] ?? '');
	const asked = parseTags(listParameter(context, 'tag'));
	const tags = reference.tag === undefined ? asked : [...new Set([reference.tag, ...asked])];
	const mediaType = parseType(context.req.headers['content-type'] ?? '');
	const bytes = await readBody(context, largestManifest);
	const pushed = {mediaType, bytes, digest: reference.digest, tags};
	const manifest = await writer.putManifest(context.image, pushed, writeOptions(context));
	context.change?.tell({digest: manifest.digest, tags});
	const schema1 = findManifestKind(manifest.mediaType) === 'schema1' ? ['schema 1 is deprecated'] : [];
	const warnings = manifest.warning === undefined ? schema1 : [...schema1, manifest.warning];
	answer(context, 201, {
		'Content-Length': 0,
		Location: locationOf(context.address, `/${context.image}/manifests/${manifest.digest}`),
		'Docker-Content-Digest': manifest.digest,
		...(manifest.subject === undefined ? {} : {'OCI-Subject': manifest.subject}),
		...(asked.length === 0 ? {} : {'OCI-Tag': [...asked]}),
		...(warnings.length === 0 ? {} : {Warning: warnings.map(warningValue)}),
	});
}

function parseTags(values: readonly string[]): readonly TagName[] {
	if (values.length > mostTags) {
		throw new RegistryError('TAG_INVALID', `more than ${mostTags} tags`, {status: 414});
	}
	return [...new Set(values.map(parseTagName))];
}

/** No browser shall take what is served under the pushed type for a page. */
function parseType(contentType: string): string {
	const mediaType = mediaTypeOf(contentType);
	if (mediaType !== '' && !mediaType.toLowerCase().startsWith('application/')) {
		throw new RegistryError('MANIFEST_INVALID', 'the Content-Type is not that of a manifest');
	}
	return mediaType;
}
