import {Storage, createMemoryBackend, createMemoryDriver} from '@stowage/core';
import test from 'ava';
import {storageDriverSuite} from './storage-driver-suite.ts';

const mebibyte = 1024 * 1024;
const plain = createMemoryBackend();
const wrapped = createMemoryBackend();

storageDriverSuite({
	test: test.serial,
	title: 'memory driver',
	open: async () => createMemoryDriver(plain),
	memoryGrowth: 512 * mebibyte,
});

storageDriverSuite({
	test: test.serial,
	title: 'memory driver behind Storage',
	open: async () => new Storage('memory', createMemoryDriver(wrapped)),
	memoryGrowth: 512 * mebibyte,
});

test.serial('the suite leaves nothing behind', t => {
	for (const {objects, uploads} of [plain, wrapped]) {
		t.is(objects.size, 0);
		t.is(uploads.size, 0);
	}
});
