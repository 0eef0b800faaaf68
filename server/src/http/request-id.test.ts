import test from 'ava';
import type {HttpContext} from './http-context.ts';
import {requestIds} from './request-id.ts';

async function idFor(sent: string | undefined, ids = requestIds()): Promise<string> {
	const context = {req: {headers: {'x-request-id': sent}}} as unknown as HttpContext;
	await ids(context, async () => {});
	return context.requestId;
}

test('a sane id is taken over', async t => {
	t.is(await idFor('trace-0815/7'), 'trace-0815/7');
});

for (const sent of ['', 'a b', 'a"b', 'x'.repeat(129), 'ä', 'a\r\nb']) {
	test(`the id ${JSON.stringify(sent.slice(0, 8))} (${sent.length}) is not taken over`, async t => {
		t.regex(await idFor(sent), /^[\da-f]{12}-1$/);
	});
}

test('each request has another id', async t => {
	const ids = requestIds();
	t.not(await idFor(undefined, ids), await idFor(undefined, ids));
});
