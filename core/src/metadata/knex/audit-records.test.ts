import {type AuditEntry, type MetadataStore, deleteOldAuditEntries, makeAuditId} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {openMetadataWorld} from '@stowage/test-servers/metadata-world';
import test from 'ava';

function entry(seconds: number, more: Partial<AuditEntry> = {}): AuditEntry {
	const at = new Date(seconds * 1000);
	const change = {
		kind: 'change',
		user: 'ann',
		action: 'user.change',
		target: '/api/x',
		address: '::1',
		count: 1,
	} as const;
	return {id: makeAuditId(at), at, ...change, ...more};
}

async function idsOf(store: MetadataStore, query: object = {}): Promise<readonly string[]> {
	return (await store.audit.list({limit: 100, ...query})).items.map(({id}) => id);
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(
		on('entries of the audit log come back as they were, the newest first, and their outcome with them'),
		async t => {
			const {store} = await openMetadataWorld(t, database);
			const full = entry(2, {repository: 'docker-local', requestId: 'r', status: 403, details: {a: [1, 'ü']}});
			const least = {...entry(1), user: undefined};
			await store.audit.insert([least, full]);
			const {user: _user, ...known} = least;
			t.deepEqual(await store.audit.list({limit: 2}), {items: [full, known]});
			await store.audit.finish([
				{id: least.id, status: 201, details: {told: true}},
				{id: full.id, status: 500},
			]);
			t.deepEqual((await store.audit.list({limit: 2})).items, [
				{...full, status: 500},
				{...known, status: 201, details: {told: true}},
			]);
			await store.audit.delete([full.id]);
			t.deepEqual(await idsOf(store), [least.id]);
		},
	);

	test(on('the audit log is read by user, action, repository, kind and time, a page at a time'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const [first, second, third, fourth] = [
			entry(1),
			entry(2, {user: 'Ann', repository: 'docker-local'}),
			entry(3, {action: 'user.delete'}),
			entry(4, {kind: 'refusal', user: 'bob'}),
		];
		await store.audit.insert([fourth, second, first, third]);
		t.deepEqual(await idsOf(store, {user: 'ann'}), [third.id, first.id]);
		t.deepEqual(await idsOf(store, {action: 'user.delete'}), [third.id]);
		t.deepEqual(await idsOf(store, {repository: 'docker-local'}), [second.id]);
		t.deepEqual(await idsOf(store, {kind: 'refusal'}), [fourth.id]);
		t.deepEqual(await idsOf(store, {from: new Date(2000), until: new Date(4000)}), [third.id, second.id]);
		const page = await store.audit.list({limit: 3});
		t.deepEqual(
			page.items.map(({id}) => id),
			[fourth.id, third.id, second.id],
		);
		t.deepEqual(await idsOf(store, {after: page.next}), [first.id]);
	});

	test(on('old entries of the audit log are deleted, and refusals of which there are too many'), async t => {
		const {store} = await openMetadataWorld(t, database);
		const old = Array.from({length: 1201}, (_, index) => entry(index / 1000));
		const refusals = [5, 6, 7].map(seconds => entry(seconds, {kind: 'refusal'}));
		const change = entry(5);
		await store.audit.insert([...old, ...refusals, change]);
		const before = new Date(5000);
		t.is(await deleteOldAuditEntries({metadata: store, before, keptRefusals: 1}), 1203);
		t.deepEqual(await idsOf(store), [refusals[2]!.id, change.id]);
		await t.throwsAsync(deleteOldAuditEntries({metadata: store, before}, {signal: AbortSignal.abort()}), {
			name: 'AbortError',
		});
	});
}
