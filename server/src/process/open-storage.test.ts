import {type StorageDriverType, createMemoryDriver} from '@stowage/core';
import {silentLogger} from '@stowage/testing';
import test from 'ava';
import {openStorage} from './open-storage.ts';

const options = {type: 'object'};
const plain: StorageDriverType = {type: 'plain', options, create: async () => createMemoryDriver()};
const signing: StorageDriverType = {
	type: 'signing',
	options,
	create: async () =>
		Object.assign(createMemoryDriver(), {signedUrl: async (key: string) => new URL(`https://store.example/${key}`)}),
};
const mute: StorageDriverType = {
	type: 'mute',
	options,
	create: async () =>
		Object.assign(createMemoryDriver(), {
			close: async () => void closed.push('mute'),
			signedUrl: async () => {
				throw new Error('give the account the right to sign');
			},
		}),
};
const closed: string[] = [];
const plugins = {storageDrivers: new Map([plain, signing, mute].map(type => [type.type, type]))};

function open(driver: string, redirect?: boolean) {
	const configuration = {storages: {main: {driver, redirect, options: {}}}};
	return openStorage('main', {configuration, plugins, logger: silentLogger});
}

test('addresses are signed only where redirects are asked for', async t => {
	t.is((await open('signing')).signedUrl, undefined);
	t.is((await open('signing', false)).signedUrl, undefined);
	const storage = await open('signing', true);
	t.is((await storage.signedUrl?.('a', {expiresInSeconds: 5}))?.href, 'https://store.example/a');
});

test('redirects are refused where the driver signs nothing', async t => {
	await t.throwsAsync(open('plain', true), {code: 'STORAGE_NOT_OPENED', message: /"main".*"redirect" is set/});
	t.is((await open('plain', false)).signedUrl, undefined);
});

test('redirects are refused where signing fails, and the driver is closed', async t => {
	const message = /"main".*no address can be signed: give the account the right to sign/;
	await t.throwsAsync(open('mute', true), {code: 'STORAGE_NOT_OPENED', message});
	t.deepEqual(closed, ['mute']);
	await t.notThrowsAsync(open('mute', false));
});
