import {
	type Digest,
	type FoundManifest,
	type ImageName,
	type MetadataStore,
	type Repository,
	demandItem,
	findNamedDigest,
	manifestFileOf,
	parseManifest,
	readFile,
} from '@stowage/core';
import type {OutgoingHttpHeaders} from 'node:http';
import {Type} from 'typebox';
import {answer} from '../../http/answer.ts';
import {httpDateOf} from '../../http/http-date.ts';
import type {HttpContext, ImageContext} from '../../http/http-context.ts';
import {answerBlob} from '../../http/v2/blobs.ts';
import {isNotModified, isSameRange} from '../../http/v2/preconditions.ts';
import {parseRangeHeader, resolveRanges} from '../../http/v2/range-header.ts';
import {readOptions} from '../../http/v2/read-options.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {readItemPath, unknownItem} from './asked-item.ts';
import {legacyChecksumsOf} from './describe-item.ts';

const fileTypes = ['application/json', 'application/octet-stream'];

/** `GET` and `HEAD /<key>/<image>/<tag>/manifest.json`, and `.../sha256__<hex>` of what the manifest names. */
export function downloadEndpoint({repositories, metadata}: RestParts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/:repository/*path',
		access: {action: 'read', repository: 'repository'},
		tag: 'items',
		summary: 'The content of a file: a manifest, a config or a layer.',
		description: 'Ranges and conditions work as for blobs. A remote repository fetches what it does not have.',
		params: Type.Object({repository: Type.String(), path: Type.String()}),
		answers: {
			200: {description: 'The content: a manifest or a blob.', contentType: fileTypes},
			206: {
				description: 'The part of it that was asked for, or several.',
				contentType: [...fileTypes, 'multipart/byteranges'],
			},
			304: {description: 'The client has it.'},
			404: {description: 'There is no such file.'},
			416: {description: 'The file has no such part.'},
		},
		async handle({params: {repository: key, path: text}, caller, demand, context}) {
			const path = readItemPath(text);
			const reading = readFile(path);
			if (reading === undefined) {
				demandItem({caller, demand}, 'read', key, path);
				throw unknownItem(key, path);
			}
			const {image, reference, file} = reading;
			demand('read', key, image);
			const repository = await repositories.get(key);
			const asked = {key, path, image, file};
			const found = await repository?.findManifest(image, reference, {...optionsOf(context), peek: isBlob(file)});
			if (repository === undefined || found === undefined) {
				throw unknownItem(key, path);
			}
			await answerFile(context, {...asked, repository, found, metadata});
			return undefined;
		},
	});
}

interface AskedFile {
	readonly key: string;
	readonly path: string;
	readonly image: ImageName;
	readonly file: string;
	readonly repository: Repository;
	readonly found: FoundManifest;
	readonly metadata: MetadataStore;
}

function isBlob(file: string): boolean {
	return findNamedDigest(file) !== undefined;
}

function optionsOf(context: HttpContext) {
	const {caller, signal} = readOptions(context);
	return {caller, signal, peek: context.req.method === 'HEAD'};
}

async function answerFile(context: HttpContext, asked: AskedFile): Promise<void> {
	const {key, path, image, file, repository, found, metadata} = asked;
	const digest = findNamedDigest(file);
	const headers: OutgoingHttpHeaders = {
		'X-Artifactory-Filename': file,
		'Content-Disposition': `attachment; filename="${file}"`,
		'X-Artifactory-Docker-Registry': found.repository,
		...(found.taggedAt && {'Last-Modified': httpDateOf(found.taggedAt)}),
	};
	if (digest === undefined) {
		if (file !== manifestFileOf(found.manifest.mediaType)) {
			throw unknownItem(key, path);
		}
		answerManifest(context, found, headers);
		return;
	}
	if (!names(found, digest)) {
		throw unknownItem(key, path);
	}
	context.repository = repository;
	context.image = image;
	const known = await findChecksums(metadata, {key: found.repository, image, digest});
	await answerBlob(context as ImageContext, digest, {...headers, ...checksumHeader(digest), ...known});
}

/** MD5 and SHA-1 of a blob, where somebody has asked for them before: a download does not wait for them. */
async function findChecksums(
	{definitions, items}: MetadataStore,
	{key, image, digest}: {readonly key: string; readonly image: ImageName; readonly digest: Digest},
): Promise<OutgoingHttpHeaders> {
	const repository = (await definitions.find(key))?.id;
	const known = repository === undefined ? undefined : await items.findChecksums({repository, image}, [digest]);
	const checksums = known?.get(digest);
	return checksums === undefined ? {} : {'X-Checksum-Md5': checksums.md5, 'X-Checksum-Sha1': checksums.sha1};
}

function names({manifest: {bytes, mediaType, digest}}: FoundManifest, wanted: Digest): boolean {
	return parseManifest(bytes, mediaType, digest).references.some(({descriptor}) => descriptor.digest === wanted);
}

function answerManifest(context: HttpContext, {manifest, taggedAt}: FoundManifest, more: OutgoingHttpHeaders): void {
	const {bytes, digest} = manifest;
	const {sha1, md5} = legacyChecksumsOf(bytes);
	const headers: OutgoingHttpHeaders = {
		'Content-Type': 'application/json',
		'Content-Length': bytes.length,
		ETag: `"${digest}"`,
		'Accept-Ranges': 'bytes',
		'Cache-Control': 'private, no-cache',
		'X-Content-Type-Options': 'nosniff',
		'Docker-Content-Digest': digest,
		...checksumHeader(digest),
		'X-Checksum-Sha1': sha1,
		'X-Checksum-Md5': md5,
		...more,
	};
	const {headers: request, method} = context.req;
	if (isNotModified(request, {etag: digest, modifiedAt: taggedAt})) {
		delete headers['Content-Length'];
		answer(context, 304, headers);
		return;
	}
	const specs = method === 'GET' && isSameRange(request, digest) ? parseRangeHeader(request.range) : undefined;
	const ranges = specs && resolveRanges(specs, bytes.length);
	if (ranges?.length === 0) {
		const whole = {'Content-Range': `bytes */${bytes.length}`};
		throw restError(416, 'the file has no such part', {headers: whole});
	}
	const [range, ...others] = ranges ?? [];
	if (range === undefined || others.length > 0) {
		answer(context, 200, headers, bytes);
		return;
	}
	const {start, end} = range;
	const part = {'Content-Length': end - start, 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}`};
	answer(context, 206, {...headers, ...part}, bytes.subarray(start, end));
}

function checksumHeader(digest: Digest): OutgoingHttpHeaders {
	const [algorithm = '', hex = ''] = digest.split(':');
	return {[`X-Checksum-${algorithm.charAt(0).toUpperCase()}${algorithm.slice(1)}`]: hex};
}
