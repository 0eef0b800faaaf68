import {RegistryError} from '@stowage/core';
import test from 'ava';
import {parseChunkRange} from './chunk-range.ts';

for (const header of ['10-19', 'bytes 10-19/*', 'bytes 10-19/100', 'bytes=10-19']) {
	test(`the chunk ${header} begins at 10 and has 10 bytes`, t => {
		t.deepEqual(parseChunkRange({'content-range': header, 'content-length': '10'}), {start: 10, size: 10});
		t.deepEqual(parseChunkRange({'content-range': header}), {start: 10, size: 10});
	});
}

for (const header of ['', '10', '10-', '-19', '19-10', 'a-b', '0-9,10-19', '-1-5', '0x0-0x9', '10-19/x']) {
	test(`"${header}" is no chunk`, t => {
		const error = t.throws(() => parseChunkRange({'content-range': header}), {instanceOf: RegistryError});
		t.is(error.code, 'RANGE_INVALID');
		t.is(error.status, 416);
	});
}

test('without the header nothing is said', t => {
	t.is(parseChunkRange({'content-length': '10'}), undefined);
});

test('a chunk has as many bytes as it says', t => {
	const error = t.throws(() => parseChunkRange({'content-range': '0-9', 'content-length': '11'}));
	t.like(error, {code: 'SIZE_INVALID', status: 400});
});
