import type {BlobContent, ByteRange} from '@stowage/core';
import type {FileHandle} from 'node:fs/promises';
import type {OutgoingHttpHeaders} from 'node:http';
import type {Readable} from 'node:stream';
import {answer, startAnswer} from '../answer.ts';
import type {HttpContext} from '../http-context.ts';
import {sendBody} from './send-body.ts';
import {sendFile} from './send-file.ts';

export interface SentContent {
	readonly headers: OutgoingHttpHeaders;
	readonly content: BlobContent;
	/** The part that was asked for, unless it was all. */
	readonly range?: ByteRange;
	/** Size of the whole blob. */
	readonly whole: number;
}

/** Sends a blob or one part of it, or says who does. Fails, and with it the connection, when the bytes end too soon. */
export async function sendContent(context: HttpContext, {headers, content, range, whole}: SentContent): Promise<void> {
	if (content.kind === 'elsewhere') {
		// The address is for this client and for a short time.
		const here = {...headers, 'Cache-Control': 'private, no-store'};
		answer(context, 307, {...here, Location: content.url.href, 'Content-Length': 0});
		return;
	}
	const proxied = content.kind === 'file' ? context.accelRedirect?.find(context.req, content.path) : undefined;
	if (proxied !== undefined && context.accelRedirect !== undefined) {
		// The proxy has the client's Range and sends that part.
		answer(context, 200, {...headers, [context.accelRedirect.header]: proxied, 'Content-Length': 0});
		return;
	}
	headers['Content-Length'] = content.size;
	if (range !== undefined) {
		headers['Content-Range'] = `bytes ${range.start}-${range.end - 1}/${whole}`;
	}
	const status = range === undefined ? 200 : 206;
	await using file = await openFile(content);
	if (file !== undefined) {
		startAnswer(context, status, headers);
		await sendFile(file, range ?? {start: 0, end: whole}, context.res, context.signal);
		context.res.end();
		return;
	}
	const body = await openContent(content);
	startAnswer(context, status, headers);
	await sendBody({kind: 'bytes', size: content.size, body}, context.res, context.signal);
}

/** Undefined when it cannot be opened, too: then the stream says why, or finds the bytes where they are now. */
async function openFile(content: BlobContent): Promise<FileHandle | undefined> {
	return content.kind === 'file' ? content.openFile?.().catch(() => undefined) : undefined;
}

/** The bytes of a content that is here. */
export async function openContent(content: Exclude<BlobContent, {kind: 'elsewhere'}>): Promise<Readable> {
	return content.kind === 'file' ? content.open() : content.body;
}
