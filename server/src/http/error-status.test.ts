import {ConflictError, RegistryError, type RegistryErrorCode, StorageError, type StorageErrorCode} from '@stowage/core';
import test from 'ava';
import {registryErrorOf} from './error-status.ts';

const storage = (code: StorageErrorCode) =>
	new StorageError({code, storage: 'cold', operation: 'read', key: 'blobs/x', cause: new Error('password=hunter2')});

const cases: readonly (readonly [string, unknown, number, RegistryErrorCode])[] = [
	['a registry error stays as it is', new RegistryError('TAG_INVALID', 'no'), 400, 'TAG_INVALID'],
	[
		'a registry error keeps its own status',
		new RegistryError('SIZE_INVALID', 'no', {status: 413}),
		413,
		'SIZE_INVALID',
	],
	['a storage that does not answer is 503', storage('unavailable'), 503, 'UNAVAILABLE'],
	['a storage that denies is 503', storage('denied'), 503, 'UNAVAILABLE'],
	['a full storage is 507', storage('full'), 507, 'UNKNOWN'],
	['what a storage lost is never 404', storage('not-found'), 500, 'UNKNOWN'],
	['any other trouble of a storage is 500', storage('unknown'), 500, 'UNKNOWN'],
	['a conflict is 409', new ConflictError('version 3 is gone'), 409, 'UNKNOWN'],
	['a bug is 500', new TypeError('x is undefined'), 500, 'UNKNOWN'],
	['what is no error is 500', 'oops', 500, 'UNKNOWN'],
];

for (const [title, error, status, code] of cases) {
	test(title, t => {
		const told = registryErrorOf(error, 'r-1');
		t.is(told.status, status);
		t.is(told.code, code);
		t.notRegex(JSON.stringify([told.message, told.detail]), /hunter2|undefined|version 3|blobs\/x/);
	});
}

test('a bug is told with the id that finds it in the log', t => {
	t.deepEqual(registryErrorOf(new Error('x'), 'r-1').detail, {requestId: 'r-1'});
});
