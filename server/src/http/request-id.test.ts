import test from 'ava';
import type {HttpContext} from './http-context.ts';
import {requestIds} from './request-id.ts';

function idFor(sent: string | undefined, ids = requestIds()): string {
	const context = {req: {headers: {'x-request-id': sent}}} as unknown as HttpContext;
	ids(context);
	return context.requestId;
}

test('a sane id is taken over', t => {
	t.is(idFor('trace-0815/7'), 'trace-0815/7');
});

for (const sent of ['', 'a b', 'a"b', 'x'.repeat(129), 'ä', 'a\r\nb']) {
	test(`the id ${JSON.stringify(sent.slice(0, 8))} (${sent.length}) is not taken over`, t => {
		t.regex(idFor(sent), /^[\da-f]{12}-1$/);
	});
}

test('each request has another id', t => {
	const ids = requestIds();
	t.not(idFor(undefined, ids), idFor(undefined, ids));
});
