import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';
import {silentLogger} from '../http/fixtures/start-app.ts';
import {LockOuts} from './lock-outs.ts';

const tooMany = {code: 'TOOMANYREQUESTS'};

/** Two nodes on one database. */
async function makeWorld(t: ExecutionContext) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	for (const name of ['ann', 'bob']) {
		await metadata.users.insert({name, admin: false, disabled: false});
	}
	const clock = {now: Date.now()};
	const open = () => new LockOuts({metadata, logger: silentLogger, now: () => clock.now});
	return {metadata, clock, one: open(), two: open()};
}

async function fail(node: LockOuts, name: string, times = 6): Promise<void> {
	for (let tries = 0; tries < times; tries++) {
		await (await node.begin(name, '127.0.0.1')).failed();
	}
}

test('who was locked out on a node is listed by all, until his time is over', async t => {
	const {clock, one, two} = await makeWorld(t);
	await fail(one, 'ann');
	await fail(two, 'bob');
	await fail(two, 'a password in the wrong field');
	for (const node of [one, two]) {
		t.deepEqual(await node.list(), ['ann', 'bob']);
	}
	clock.now += 1000;
	t.deepEqual(await one.list(), []);
	await fail(one, 'ann', 1);
	clock.now += 1500;
	t.deepEqual(await two.list(), ['ann']);
});

test('failures that are free, and a success after them, lock nobody out', async t => {
	const {one} = await makeWorld(t);
	await fail(one, 'ann', 5);
	(await one.begin('ann', '127.0.0.1')).succeeded();
	(await one.begin('ann', '127.0.0.1')).undecided();
	t.deepEqual(await one.list(), []);
	await t.notThrowsAsync(one.begin('ann', '127.0.0.1'));
});

test('who is let in again on one node is let in on another, within a second', async t => {
	const {clock, one, two} = await makeWorld(t);
	await fail(one, 'ann', 6);
	clock.now += 1000;
	await fail(one, 'ann', 1);
	await t.throwsAsync(one.begin('ann', '127.0.0.1'), tooMany);
	await two.forgive(['ann']);
	t.deepEqual(await one.list(), []);
	clock.now += 1000;
	await t.notThrowsAsync(one.begin('ann', '127.0.0.1'));
});

test('who is locked out by another spelling of his name is listed, and let in again, by his own', async t => {
	const {clock, metadata, one, two} = await makeWorld(t);
	await metadata.users.insert({name: 'Carl', admin: false, disabled: false});
	await fail(one, ' ANN');
	await fail(one, 'Carl');
	t.deepEqual(await two.list(), ['Carl', 'ann']);
	await t.throwsAsync(one.begin('ann', '127.0.0.1'), tooMany);
	clock.now += 1000;
	await fail(one, 'Ann', 1);
	await fail(one, 'Carl', 1);
	await two.forgive(['ann', 'Carl']);
	clock.now += 1000;
	for (const name of ['aNN', 'Carl']) {
		await t.notThrowsAsync(one.begin(name, '127.0.0.1'));
	}
});

test('a database that does not answer keeps nobody from being locked out', async t => {
	const {metadata, one} = await makeWorld(t);
	metadata.lockOuts.add = async () => {
		throw new Error('the database is gone');
	};
	await fail(one, 'ann');
	await t.throwsAsync(one.begin('ann', '127.0.0.1'), tooMany);
});
