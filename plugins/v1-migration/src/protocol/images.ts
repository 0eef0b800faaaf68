import {
	type BlobContent,
	type ByteRange,
	RegistryError,
	type RouteContext,
	type V1ImageRecord,
	parseV1ImageId,
} from '@stowage/core';
import {answerJson, imagesOf, refusal} from './answers.ts';
import {wholeBody} from './whole-body.ts';

/** `GET /images/<id>/json`: the bytes that were pushed. */
export async function getImageJson(context: RouteContext): Promise<void> {
	const image = await findImage(context);
	context.set('X-Docker-Size', String(image.layer.size));
	context.set('X-Docker-Checksum-Payload', image.checksum);
	if (!isUnmodified(context, image)) {
		context.set('Content-Type', 'application/json');
		context.body = image.json;
	}
}

/** `GET /images/<id>/ancestry`: the image itself first. */
export async function getAncestry(context: RouteContext): Promise<void> {
	const {caller, signal} = context;
	const ancestry = await imagesOf(context).listAncestry(idOf(context), {caller, signal});
	if (ancestry === undefined) {
		throw refusal(404, 'Image not found');
	}
	answerJson(context, 200, ancestry);
}

/** `GET /images/<id>/layer`, in whole or one part of it. */
export async function getLayer(context: RouteContext): Promise<void> {
	const image = await findImage(context);
	context.set('Accept-Ranges', 'bytes');
	if (isUnmodified(context, image)) {
		return;
	}
	const {size} = image.layer;
	const range = findRange(context.get('Range'), size);
	const wanted = {range, redirect: true, signal: context.signal};
	const content = context.req.method === 'HEAD' ? undefined : await imagesOf(context).openLayer(image.layer, wanted);
	if (content?.kind === 'elsewhere') {
		// The address is for this client and for a short time.
		context.set('Cache-Control', 'private, no-store');
		context.set('Location', content.url.href);
		context.status = 302;
		return;
	}
	context.set('Content-Type', 'application/octet-stream');
	context.set('Content-Length', String(range === undefined ? size : range.end - range.start));
	if (range !== undefined) {
		context.set('Content-Range', `bytes ${range.start}-${range.end - 1}/${size}`);
	}
	context.status = range === undefined ? 200 : 206;
	if (content !== undefined) {
		context.body = wholeBody(await openBody(content), content.size);
	}
}

export function idOf({params}: RouteContext) {
	return parseV1ImageId(params['id'] ?? '');
}

async function findImage(context: RouteContext): Promise<V1ImageRecord> {
	const {caller, signal} = context;
	const image = await imagesOf(context).findImage(idOf(context), {caller, signal});
	if (image === undefined) {
		throw refusal(404, 'Image not found');
	}
	return image;
}

/** What has an id never changes. */
function isUnmodified(context: RouteContext, {pushedAt}: V1ImageRecord): boolean {
	context.set('Cache-Control', 'private, max-age=31536000');
	context.set('Last-Modified', pushedAt.toUTCString());
	const since = Date.parse(context.get('If-Modified-Since'));
	const unmodified = !Number.isNaN(since) && since >= Math.floor(pushedAt.getTime() / 1000) * 1000;
	if (unmodified) {
		context.status = 304;
	}
	return unmodified;
}

/** Undefined for all of it: also for what is not understood, and for several parts (RFC 9110, section 14.2). */
function findRange(header: string, size: number): ByteRange | undefined {
	const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header.trim()) ?? [];
	if (first === '' && last === '') {
		return undefined;
	}
	const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
	const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
	if (start >= end) {
		throw new RegistryError('RANGE_INVALID', 'the layer has no such part', {
			headers: {'Content-Range': `bytes */${size}`},
		});
	}
	return {start, end};
}

async function openBody(content: Exclude<BlobContent, {kind: 'elsewhere'}>) {
	return content.kind === 'file' ? content.open() : content.body;
}
