import {answered, refused} from './assertions.ts';
import {content, randomContent} from './content.ts';
import {rangeParts} from './multipart.ts';
import {specification} from './specification.ts';

const specify = specification();

/** As the conformance suite asks them ("range requests"), of a blob of 2048 bytes. */
const single = [
	['bytes=500-1499', 500, 1499],
	['bytes=500-', 500, 2047],
	['bytes=-500', 1548, 2047],
	['bytes=2000-5000', 2000, 2047],
	['bytes=0-0', 0, 0],
	['bytes=0-', 0, 2047],
	['bytes=2047-', 2047, 2047],
	['bytes=-5000', 0, 2047],
	['BYTES=1-2', 1, 2],
] as const;

for (const [range, first, last] of single) {
	specify(`end-2: Range: ${range} of 2048 bytes gives bytes ${first} to ${last}`, async (t, {image}) => {
		const blob = await image.pushBlob(randomContent(2048));
		const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers: {range}});
		answered(t, answer, 206);
		t.is(answer.header('content-range'), `bytes ${first}-${last}/2048`);
		t.is(answer.header('content-length'), String(last - first + 1));
		t.is(answer.header('content-type'), 'application/octet-stream');
		t.is(answer.header('docker-content-digest'), blob.digest);
		t.deepEqual(answer.body, blob.bytes.subarray(first, last + 1));
	});
}

for (const range of ['bytes=5000-10000', 'bytes=2048-', 'bytes=500-0', 'bytes=-0', 'bytes=9999999999999999999-']) {
	specify(`end-2: Range: ${range} of 2048 bytes cannot be satisfied`, async (t, {image}) => {
		const blob = await image.pushBlob(randomContent(2048));
		const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers: {range}});
		refused(t, answer, 416, 'RANGE_INVALID');
		t.is(answer.header('content-range'), 'bytes */2048');
	});
}

for (const range of ['items=0-1', 'bytes', 'bytes=', 'bytes=a-b', 'bytes=1-2-3', 'bytes=--1', 'bytes=0x1-0x2', '0-1']) {
	specify(`end-2: Range: ${range} is no range of bytes, and ignored or refused`, async (t, {image}) => {
		const blob = await image.pushBlob(randomContent(64));
		const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers: {range}});
		if (answer.status === 200) {
			t.deepEqual(answer.body, blob.bytes);
			t.is(answer.header('content-range'), undefined);
		} else {
			refused(t, answer, [400, 416], 'RANGE_INVALID');
		}
	});
}

specify('end-2: several ranges come as parts, in the order asked', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(4096));
	const headers = {range: 'bytes=0-99,1000-1099, 4000-,-10'};
	const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers});
	answered(t, answer, 206);
	t.is(answer.header('content-range'), undefined);
	t.is(answer.header('content-length'), String(answer.body.length));
	const parts = rangeParts(answer.need('content-type'), answer.body);
	t.deepEqual(
		parts.map(part => part.contentRange),
		['bytes 0-99/4096', 'bytes 1000-1099/4096', 'bytes 4000-4095/4096', 'bytes 4086-4095/4096'],
	);
	t.deepEqual(
		parts.map(part => part.bytes.toString('latin1')),
		[
			blob.bytes.subarray(0, 100),
			blob.bytes.subarray(1000, 1100),
			blob.bytes.subarray(4000),
			blob.bytes.subarray(4086),
		].map(bytes => bytes.toString('latin1')),
	);
});

specify('end-2: of several ranges, those that cannot be satisfied are left out', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(100));
	const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers: {range: 'bytes=200-300,10-19'}});
	answered(t, answer, 206);
	if (answer.header('content-range') === undefined) {
		const parts = rangeParts(answer.need('content-type'), answer.body);
		t.deepEqual(parts, [{contentRange: 'bytes 10-19/100', bytes: blob.bytes.subarray(10, 20)}]);
	} else {
		t.is(answer.header('content-range'), 'bytes 10-19/100');
		t.deepEqual(answer.body, blob.bytes.subarray(10, 20));
	}
});

specify('end-2: several ranges of which none can be satisfied are refused', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(100));
	const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers: {range: 'bytes=200-300,400-'}});
	refused(t, answer, 416, 'RANGE_INVALID');
});

specify('end-2: thousands of overlapping ranges are not worth more than the blob', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(10_000));
	const range = `bytes=${Array.from({length: 1500}, () => '0-').join(',')}`;
	const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers: {range}});
	t.true([200, 206, 400, 416].includes(answer.status), String(answer.status));
	t.true(answer.body.length < 10 * blob.bytes.length, `${answer.body.length} bytes`);
});

specify('end-2: any range of the empty blob is refused, or ignored', async (t, {image}) => {
	const blob = await image.pushBlob(content(''));
	const answer = await image.request('GET', `/blobs/${blob.digest}`, {headers: {range: 'bytes=0-'}});
	t.true([200, 416].includes(answer.status), String(answer.status));
});

specify('end-2: If-Range with another entity gives all of it, with this one the part', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(64));
	const path = `/blobs/${blob.digest}`;
	const etag = (await image.request('HEAD', path)).need('etag');
	const whole = await image.request('GET', path, {headers: {range: 'bytes=1-2', 'if-range': '"other"'}});
	answered(t, whole, 200);
	t.deepEqual(whole.body, blob.bytes);
	answered(t, await image.request('GET', path, {headers: {range: 'bytes=1-2', 'if-range': etag}}), 206);
});

specify('end-2: HEAD does not look at Range', async (t, {image}) => {
	const blob = await image.pushBlob(randomContent(64));
	const answer = await image.request('HEAD', `/blobs/${blob.digest}`, {headers: {range: 'bytes=1-2'}});
	answered(t, answer, 200);
	t.is(answer.header('content-length'), '64');
});
