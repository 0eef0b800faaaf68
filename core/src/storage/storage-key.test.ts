import test from 'ava';
import * as fc from 'fast-check';
import {isStorageKey, isStorageKeyPrefix, maxKeyLength, maxSegmentLength} from './storage-key.ts';

test('keys have bounded length, as a whole and between slashes', t => {
	const segment = 'a'.repeat(maxSegmentLength);
	t.true(isStorageKey(`${segment}/${segment}`));
	t.false(isStorageKey(`${segment}a`));
	t.false(isStorageKey('a/'.repeat(maxKeyLength / 2) + 'a'));
	t.false(isStorageKeyPrefix('a/'.repeat(maxKeyLength)));
});

test('the keys of blobs and uploads are keys', t => {
	for (const key of [
		`blobs/sha512/ab/${'ab'.repeat(64)}/0190b1f2-7c1e-7000-8000-000000000000`,
		'uploads/7f',
		'.a/..b',
	]) {
		t.true(isStorageKey(key), key);
	}
});

test('a key never names what a path resolver would change, and all it starts with are prefixes', t => {
	const text = fc.string({
		unit: fc.constantFrom('a', '0', '.', '-', '_', '/', '~', 'A', '\\', '\0', ' '),
		maxLength: 12,
	});
	fc.assert(
		fc.property(text, key => {
			if (!isStorageKey(key)) {
				return true;
			}
			const {pathname} = new URL(`file:///root/${key}`);
			return pathname === `/root/${key}` && /^[a-z0-9._/-]+$/.test(key) && isStorageKeyPrefix(key);
		}),
		{numRuns: 2_000},
	);
	t.pass();
});
