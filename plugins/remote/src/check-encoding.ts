import type {IncomingHttpHeaders} from 'node:http';
import {rubbish} from './upstream-error.ts';

/** Throws for a body that is not sent as it is: nobody asked for that, and its digest would be another. */
export function checkEncoding(headers: IncomingHttpHeaders): void {
	const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
	if (encoding !== 'identity') {
		throw rubbish('sends a body that it has encoded', {contentEncoding: encoding.slice(0, 40)});
	}
}
