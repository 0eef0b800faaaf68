import type {Logger} from '@stowage/core';
import test from 'ava';
import {Watched} from './watched.ts';

async function makeWatched() {
	const warnings: string[] = [];
	const logger: Logger = {
		debug() {},
		info() {},
		warn: (_details: unknown, message?: string) => void warnings.push(message ?? ''),
		error() {},
		child: () => logger,
	};
	const world = {now: 0, stored: 'first', reads: 0, broken: false, warnings};
	const read = async () => {
		world.reads++;
		if (world.broken) {
			throw new Error('no connection');
		}
		return world.stored;
	};
	const watched = await Watched.open({what: 'a value', read, logger, now: () => world.now});
	return {world, watched};
}

test('what was read lately is not read again', async t => {
	const {world, watched} = await makeWatched();
	world.now = 1999;
	t.is(watched.refresh(), undefined);
	t.is(world.reads, 1);
});

test('after two seconds it is read again without anybody waiting, and once', async t => {
	const {world, watched} = await makeWatched();
	world.stored = 'second';
	world.now = 2000;
	t.is(watched.refresh(), undefined);
	t.is(watched.refresh(), undefined);
	t.is(watched.value, 'first');
	await watched.readAgain();
	t.is(watched.value, 'second');
	t.is(world.reads, 2);
});

test('after four seconds whoever asks waits until it was read', async t => {
	const {world, watched} = await makeWatched();
	world.stored = 'second';
	world.now = 4000;
	await watched.refresh();
	t.is(watched.value, 'second');
});

test('what has expired is read again at once', async t => {
	const {world, watched} = await makeWatched();
	world.stored = 'second';
	world.now = 10;
	watched.expire();
	await watched.refresh();
	t.is(watched.value, 'second');
	world.now = 11;
	await watched.refresh();
	t.is(watched.refresh(), undefined);
});

test('trouble is a line in the log while what is known is recent, and an error when it is not', async t => {
	const {world, watched} = await makeWatched();
	world.broken = true;
	world.now = 3000;
	t.is(watched.refresh(), undefined);
	await t.throwsAsync(watched.readAgain(), {message: 'no connection'});
	t.deepEqual(world.warnings, ['a value could not be read again']);
	world.now = 4000;
	await t.throwsAsync(async () => watched.refresh(), {message: 'no connection'});
	world.broken = false;
	await watched.refresh();
	t.is(watched.value, 'first');
});
