import {type AuditEntry, AuditLog, type MetadataStore} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import test, {type ExecutionContext} from 'ava';

const silent = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent};
const change = {user: 'ann', action: 'user.change', target: '/api/security/users/bob', address: '127.0.0.1'};
const refusal = {action: 'GET /', target: '/v2/', address: '127.0.0.1', status: 401};

/** All in one millisecond. */
const now = () => 1_800_000_000_000;

async function makeWorld(t: ExecutionContext) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	const told: AuditEntry[] = [];
	const log = new AuditLog({metadata, logger: silent, tell: entry => told.push(entry), gatherMs: 3_600_000, now});
	const list = async () => (await metadata.audit.list({limit: 1000})).items;
	return {metadata, told, log, list};
}

async function fail(): Promise<never> {
	throw new Error('the database is gone');
}

/** The same rows behind a store whose audit log fails as long as `broken`. */
function breakable(metadata: MetadataStore) {
	const state = {broken: true};
	const audit = new Proxy(metadata.audit, {
		get: (records, name: keyof MetadataStore['audit']) => (state.broken ? fail : records[name].bind(records)),
	});
	return {state, metadata: {users: metadata.users, audit}};
}

test('the row of a change is there before it is made, and says in the end what became of it', async t => {
	const {log, list, told} = await makeWorld(t);
	const begun = await log.begin({...change, details: {admin: true}});
	t.like((await list())[0], {...change, kind: 'change', status: undefined, details: {admin: true}});
	t.deepEqual(told, []);
	await begun.finish(200);
	t.like((await list())[0], {...change, status: 200, details: {admin: true}});
	t.deepEqual(told, await list());
});

test('many changes at once share writes, and each has its row', async t => {
	const {log, list} = await makeWorld(t);
	const begun = await Promise.all(Array.from({length: 300}, (_, index) => log.begin({...change, target: `/${index}`})));
	t.deepEqual(
		(await list()).map(({target}) => target),
		Array.from({length: 300}, (_, index) => `/${299 - index}`),
	);
	await Promise.all(begun.map(one => one.finish(201)));
	t.true((await list()).every(({status}) => status === 201));
});

test('what turns out to be no change leaves no row, and what turns out to be one gets it', async t => {
	const {log, list} = await makeWorld(t);
	await (await log.begin(change)).drop();
	t.deepEqual(await list(), []);
	await log.add(change, 200);
	t.like((await list())[0], {...change, status: 200});
});

test('like refusals are one entry with a count, and only names of users are shown', async t => {
	const {log, list, metadata} = await makeWorld(t);
	await metadata.users.insert({name: 'ann', admin: false, disabled: false});
	for (const claimed of ['ann', 'ann', 'correct horse', 'battery staple']) {
		log.refuse({...refusal, claimed});
	}
	t.deepEqual(await list(), []);
	await log.flush();
	const entries = await list();
	t.deepEqual(entries.map(({user, count}) => `${user} ${count}`).toSorted(), ['ann 2', 'undefined 2']);
	t.false(JSON.stringify(entries).includes('correct horse'));
});

test('a flood of refusals of many kinds is told apart only up to a bound', async t => {
	const {log, list} = await makeWorld(t);
	for (let index = 0; index < 5000; index++) {
		log.refuse({...refusal, address: `10.0.${Math.floor(index / 256)}.${index % 256}`});
	}
	await log.flush();
	const entries = await list();
	t.is(entries.length, 301);
	t.is(
		entries.reduce((sum, {count}) => sum + count, 0),
		5000,
	);
	t.is(entries.find(({address}) => address === 'many')?.count, 4700);
});

test('nobody hides behind refusals of his own making: one address takes little room, and all that it did is counted', async t => {
	const {log, list, metadata} = await makeWorld(t);
	await metadata.users.insert({name: 'ann', admin: false, disabled: false});
	for (let index = 0; index < 1000; index++) {
		log.refuse({...refusal, claimed: `nobody ${index}`, address: `2001:db8::${index.toString(16)}`});
		log.refuse({...refusal, repository: `thought-up-${index}`});
	}
	log.refuse({...refusal, claimed: 'ann', address: '192.0.2.1'});
	await log.flush();
	const entries = await list();
	t.like(
		entries.find(({user}) => user === 'ann'),
		{address: '192.0.2.1', count: 1},
	);
	t.is(entries.length, 10 + 1 + 10 + 1 + 1);
	t.deepEqual(
		entries
			.filter(({action}) => action === 'many')
			.map(({address, count}) => `${address} ${count}`)
			.toSorted(),
		['127.0.0.1 990', '2001:db8::a 990'],
	);
});

test('without its row a change is not begun; refusals wait until they can be stored', async t => {
	const {metadata, list} = await makeWorld(t);
	const {state, metadata: broken} = breakable(metadata);
	const log = new AuditLog({metadata: broken, logger: silent, gatherMs: 3_600_000});
	await t.throwsAsync(log.begin(change), {message: 'the database is gone'});
	await t.notThrowsAsync(log.add(change, 200));
	log.refuse(refusal);
	await log.flush();
	state.broken = false;
	const begun = await log.begin(change);
	state.broken = true;
	await t.notThrowsAsync(begun.finish(200));
	log.refuse(refusal);
	state.broken = false;
	await log.flush();
	const left = (await list()).map(({kind, count, status}) => `${kind} ${count} ${status}`);
	t.deepEqual(left.toSorted(), ['change 1 undefined', 'refusal 2 401']);
});

test('refusals become rows by themselves', async t => {
	const {metadata, list} = await makeWorld(t);
	const log = new AuditLog({metadata, logger: silent, gatherMs: 1});
	log.refuse(refusal);
	for (const end = Date.now() + 60_000; (await list()).length === 0 && Date.now() < end;) {
		await new Promise(resolve => setTimeout(resolve, 5));
	}
	t.is((await list()).length, 1);
});
