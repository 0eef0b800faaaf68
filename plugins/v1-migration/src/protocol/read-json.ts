import {type RouteContext, RegistryError} from '@stowage/core';
import {parseV1Value} from '../migration/parse-v1-document.ts';
import {refusal} from './answers.ts';

/** The whole body. Throws with status 413 when it is longer; leaves the rest to the server, which has to answer. */
export async function readBody({req}: Pick<RouteContext, 'req'>, limit: number): Promise<Buffer> {
	const pieces: Buffer[] = [];
	let size = 0;
	for await (const piece of req.iterator({destroyOnReturn: false})) {
		size += (piece as Buffer).length;
		if (size > limit) {
			throw new RegistryError('SIZE_INVALID', `the body is larger than ${limit} bytes`, {status: 413});
		}
		pieces.push(piece as Buffer);
	}
	return Buffer.concat(pieces, size);
}

/** Throws 400 for what is no JSON, and for what only wants to be work. */
export function parseJson(bytes: Buffer): unknown {
	return parseV1Value(bytes, what => refusal(400, `Invalid JSON: it ${what}`));
}
