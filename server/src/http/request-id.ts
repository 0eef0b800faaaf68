import {randomBytes} from 'node:crypto';
import type {HttpContext} from './http-context.ts';

const grammar = /^[\w.:/+=@-]{1,128}$/;

/** What gives each request its id: a sane `X-Request-Id` is taken over, else it is one that no other process makes. */
export function requestIds(): (context: HttpContext) => void {
	const prefix = `${randomBytes(6).toString('hex')}-`;
	let count = 0;
	return context => {
		const sent = context.req.headers['x-request-id'];
		if (typeof sent === 'string' && grammar.test(sent)) {
			context.requestId = sent;
		} else {
			count += 1;
			context.requestId = prefix + count.toString(36);
		}
	};
}
