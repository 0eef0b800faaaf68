import {pipeline} from 'node:stream/promises';
import {answer, startAnswer} from '../../http/answer.ts';
import type {HttpContext} from '../../http/http-context.ts';

/** Characters that are sent at a time. */
const pieceSize = 16 * 1024;

export interface StreamedJson {
	/** Members before and after the list. */
	readonly before?: Record<string, unknown>;
	readonly list: string;
	readonly items: AsyncIterable<unknown>;
	/** Asked once the list has ended. */
	readonly after?: () => Record<string, unknown>;
}

/** Answers with a JSON object that has a list of any length, which is never in memory as a whole. */
export async function streamJson(context: HttpContext, json: StreamedJson): Promise<void> {
	const headers = {'Content-Type': 'application/json'};
	if (context.req.method === 'HEAD') {
		answer(context, 200, headers);
		return;
	}
	const pieces = joined(textOf(json));
	// What fails before there is anything to send is answered as an error.
	const first = await pieces.next();
	startAnswer(context, 200, headers);
	await pipeline(async function* () {
		if (first.done !== true) {
			yield first.value;
			yield* pieces;
		}
	}, context.res);
}

async function* textOf({before = {}, list, items, after}: StreamedJson): AsyncGenerator<string, void> {
	const head = JSON.stringify(before).slice(0, -1);
	yield `${head}${head === '{' ? '' : ','}${JSON.stringify(list)}:[`;
	let comma = '';
	for await (const item of items) {
		yield comma + JSON.stringify(item);
		comma = ',';
	}
	const tail = JSON.stringify(after?.() ?? {}).slice(1);
	yield `]${tail === '}' ? '' : ','}${tail}`;
}

async function* joined(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
	let piece = '';
	for await (const text of texts) {
		piece += text;
		if (piece.length >= pieceSize) {
			yield piece;
			piece = '';
		}
	}
	if (piece !== '') {
		yield piece;
	}
}
