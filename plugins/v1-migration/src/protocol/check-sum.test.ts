import {Readable} from 'node:stream';
import {setImmediate} from 'node:timers/promises';
import {type BlobContent, type ReceivedV1Image, parseDigest} from '@stowage/core';
import test from 'ava';
import pLimit from 'p-limit';
import {checkSum} from './check-sum.ts';
import {TarSum} from './tar-sum.ts';

const json = Buffer.from('{}');
const digest = parseDigest(`sha256:${'0'.repeat(64)}`);
const received: ReceivedV1Image = {json, layer: {digest, size: 1024}, checksum: digest};

async function openLayer(): Promise<BlobContent> {
	return {kind: 'bytes', body: Readable.from([Buffer.alloc(1024)]), size: 1024};
}

function refuseToOpen(): Promise<BlobContent> {
	return Promise.reject(new Error('it was opened'));
}

test('sums of tars are made so many at a time as the limit says, and other sums wait for none', async t => {
	const checksum = new TarSum('tarsum').end(json);
	const limit = pLimit(2);
	const {promise: opened, resolve: open} = Promise.withResolvers<void>();
	let asked = 0;
	const slow = async () => {
		asked += 1;
		await opened;
		return openLayer();
	};
	const checks = Array.from({length: 3}, () => checkSum(received, {payload: '', checksum, openLayer: slow, limit}));
	await checkSum(received, {payload: digest, checksum, openLayer: slow, limit});
	await setImmediate();
	t.deepEqual([asked, limit.pendingCount], [2, 1]);
	open();
	await Promise.all(checks);
	t.is(limit.activeCount, 0);
});

test('whoever left while waiting reads nothing', async t => {
	const limit = pLimit(1);
	const {promise: ended, resolve: end} = Promise.withResolvers<void>();
	const other = limit(() => ended);
	const left = new AbortController();
	const checksum = `tarsum+sha256:${'0'.repeat(64)}`;
	const check = checkSum(received, {payload: '', checksum, openLayer: refuseToOpen, limit, signal: left.signal});
	left.abort();
	end();
	await t.throwsAsync(check, {name: 'AbortError'});
	await other;
});
