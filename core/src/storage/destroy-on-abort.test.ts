import {Readable} from 'node:stream';
import test from 'ava';
import {destroyOnAbort} from './destroy-on-abort.ts';

const left = new Error('left');

function stallingBody(): Readable {
	return new Readable({read() {}});
}

async function readAll(body: Readable): Promise<void> {
	for await (const _chunk of body) {
		// Nothing comes.
	}
}

test('a body that stalls ends with the reason of a signal that aborts while somebody waits', async t => {
	const leave = new AbortController();
	const body = stallingBody();
	using _listener = destroyOnAbort(body, leave.signal);
	const reading = readAll(body);
	leave.abort(left);
	t.is(await t.throwsAsync(reading), left);
});

test('a signal that aborted before ends the body too, and what else is to be stopped', async t => {
	const body = stallingBody();
	let stopped = 0;
	using _listener = destroyOnAbort(body, AbortSignal.abort(left), () => (stopped += 1));
	t.is(await t.throwsAsync(readAll(body)), left);
	t.is(stopped, 1);
});

test('a body is left alone once nobody reads it any more, and without a signal', t => {
	const leave = new AbortController();
	const body = stallingBody();
	destroyOnAbort(body, leave.signal)?.[Symbol.dispose]();
	t.is(destroyOnAbort(body, undefined), undefined);
	leave.abort(left);
	t.false(body.destroyed);
	body.destroy();
});
