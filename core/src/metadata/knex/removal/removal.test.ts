import {type Digest, type ImageName, type RepositoryRecords, type TagName, parseTagName} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {type MetadataWorld, manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test, {type ExecutionContext} from 'ava';

const tag = (text: string): TagName => parseTagName(text);
const named = (...texts: string[]) => texts.map(text => ({tag: tag(text)}));
const companionOf = (digest: Digest, ending = '') => `${digest.replace(':', '-')}${ending}`;

async function openWorld(t: ExecutionContext, database: TestDatabase) {
	const world = await openMetadataWorld(t, database);
	const {records, image} = world;
	return {
		...world,
		tags: async () => (await records.listTags(image, {limit: 100}))?.items ?? [],
		present: (digests: readonly Digest[]) => whatIsThere(records, image, digests),
	};
}

async function whatIsThere(records: RepositoryRecords, image: ImageName, digests: readonly Digest[]) {
	const found = await Promise.all(digests.map(digest => records.findManifest(image, {digest})));
	return digests.filter((_digest, position) => found[position] !== undefined);
}

/** An index of two platforms, each signed in another way, and an attestation of one of the signatures. */
async function pushSigned({records, image, addBlob}: MetadataWorld, name: string, own = name) {
	const layer = await addBlob('shared');
	const amd = manifestOf({text: `${own}-amd64`, layers: [layer]});
	const arm = manifestOf({text: `${own}-arm64`, layers: [layer]});
	const index = manifestOf({text: `${own}-index`, entries: [amd.digest, arm.digest]});
	const signature = manifestOf({text: `${own}-signature`, layers: [layer], subject: index.digest});
	const cosigned = manifestOf({text: `${own}-cosign`, layers: [layer]});
	const attestation = manifestOf({text: `${own}-attestation`, layers: [layer], subject: cosigned.digest});
	const fallback = manifestOf({text: `${own}-fallback`, entries: [signature.digest]});
	const companions = [companionOf(amd.digest, '.sig'), companionOf(index.digest)];
	const all = [amd, arm, index, signature, cosigned, attestation, fallback];
	const tags = new Map([
		[index, [name]],
		[cosigned, [companions[0]!]],
		[fallback, [companions[1]!]],
	]);
	for (const manifest of all) {
		await records.putManifest(image, manifest, putOptions(tags.get(manifest) ?? []));
	}
	return {amd, arm, index, signature, companions, manifests: all.map(({digest}) => digest)};
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(
		on('a tag goes with all that only it needed: entries, what refers to them, and tags that tell of them'),
		async t => {
			const world = await openWorld(t, database);
			const gone = await pushSigned(world, '1.0');
			const kept = await pushSigned(world, '2.0');
			const asked = {tags: named('1.0', 'unknown')};
			const planned = await world.records.remove(world.image, asked, {dryRun: true});
			t.deepEqual(await world.present(gone.manifests), gone.manifests);
			const removal = await world.records.remove(world.image, asked);
			t.deepEqual(removal, planned);
			t.deepEqual(
				removal.tags.map(({tag: name}) => name as string),
				['1.0', ...gone.companions].toSorted(),
			);
			t.deepEqual(removal.manifests.map(({digest}) => digest).toSorted(), gone.manifests.toSorted());
			t.deepEqual(await world.present(gone.manifests), []);
			t.deepEqual(await world.present(kept.manifests), kept.manifests);
			t.deepEqual(await world.tags(), ['2.0', ...kept.companions].toSorted() as TagName[]);
		},
	);

	test(on('what another tag, another index or another subject needs stays, with its signatures'), async t => {
		const world = await openWorld(t, database);
		const {records, image} = world;
		const one = await pushSigned(world, '1.0');
		await records.putManifest(image, one.index, putOptions(['stable']));
		t.like(await records.remove(image, {tags: named('1.0')}), {manifests: [], tags: [{tag: '1.0'}]});
		t.deepEqual(await world.present(one.manifests), one.manifests);
		const other = manifestOf({text: 'other index', entries: [one.amd.digest]});
		await records.putManifest(image, other, putOptions());
		await records.remove(image, {tags: named('stable')});
		const [amd, , , , cosigned, attestation] = one.manifests;
		t.deepEqual(await world.present(one.manifests), [amd, cosigned, attestation] as Digest[]);
		t.deepEqual(await world.tags(), [one.companions[0] as TagName]);
	});

	test(on('a tag is only taken while it names what it is expected to name'), async t => {
		const {records, image, addBlob, tags} = await openWorld(t, database);
		const [old, young] = [manifestOf({text: 'old', layers: [await addBlob('x')]}), manifestOf({text: 'young'})];
		await records.putManifest(image, old, putOptions(['latest']));
		await records.putManifest(image, young, putOptions(['latest']));
		const nothing = await records.remove(image, {tags: [{tag: tag('latest'), digest: old.digest}]});
		t.deepEqual(nothing, {tags: [], manifests: []});
		t.deepEqual(await tags(), [tag('latest')]);
		t.like(await records.remove(image, {unneeded: [old.digest, young.digest]}), {
			tags: [],
			manifests: [{digest: old.digest}],
		});
		t.like(await records.remove(image, {tags: [{tag: tag('latest'), digest: young.digest}]}), {
			manifests: [{digest: young.digest}],
		});
	});

	test(on('a manifest goes with its tags, unless an index that stays names it'), async t => {
		const world = await openWorld(t, database);
		const {records, image} = world;
		const {amd, arm, index, signature, manifests} = await pushSigned(world, '1.0');
		await records.putManifest(image, amd, putOptions(['amd64']));
		t.deepEqual(await records.remove(image, {manifests: [amd.digest]}), {tags: [], manifests: []});
		t.deepEqual(await records.remove(image, {unneeded: [arm.digest, signature.digest]}), {tags: [], manifests: []});
		const removal = await records.remove(image, {manifests: [index.digest, amd.digest]});
		t.deepEqual(removal.manifests.map(({digest}) => digest).toSorted(), manifests.toSorted());
		t.deepEqual(await world.tags(), []);
	});

	test(on('a referrer that is asked for goes although its subject stays, and one without a subject too'), async t => {
		const {records, image, present} = await openWorld(t, database);
		const subject = manifestOf({text: 'subject'});
		const referrer = manifestOf({text: 'referrer', subject: subject.digest});
		const lost = manifestOf({text: 'lost', subject: `sha256:${'0'.repeat(64)}` as Digest});
		await records.putManifest(image, subject, putOptions(['1.0']));
		await records.putManifest(image, referrer, putOptions(['note']));
		await records.putManifest(image, lost, putOptions(['lost']));
		t.like(await records.remove(image, {tags: named('note', 'lost')}), {manifests: [{digest: lost.digest}]});
		t.deepEqual(await present([subject.digest, referrer.digest]), [subject.digest, referrer.digest]);
		t.like(await records.remove(image, {manifests: [referrer.digest]}), {manifests: [{digest: referrer.digest}]});
		t.deepEqual(await present([subject.digest, referrer.digest]), [subject.digest]);
	});

	test(on('a whole image goes part by part, each time whole, and its row with its last hold'), async t => {
		const world = await openWorld(t, database);
		const {records, image, store} = world;
		const pushed = [];
		for (let count = 0; count < 5; count++) {
			pushed.push(await pushSigned(world, `${count}.0`));
		}
		const planned = await records.removeEverything(image, {limit: 1000, dryRun: true});
		t.is(planned.manifests.length, 35);
		t.is(planned.tags.length, 15);
		let removed = 0;
		for (let rounds = 0; ; rounds++) {
			const {manifests} = await records.removeEverything(image, {limit: 2});
			removed += manifests.length;
			for (const {index, manifests: all} of pushed) {
				const left = await world.present(all);
				t.true(left.length === 0 || left.includes(index.digest) === left.includes(all[0]!));
			}
			if (manifests.length === 0) {
				t.true(rounds > 1);
				break;
			}
		}
		t.is(removed, 35);
		t.deepEqual((await records.listImages({limit: 10})).items, []);
		await store.blobs.releaseUnreferenced(new Date(Date.now() + 60_000), 100);
		t.is((await store.blobs.takeUnheld('main', new Date(Date.now() + 60_000), 100)).length, 1);
		t.deepEqual(await records.removeEverything(image, {limit: 2}), {tags: [], manifests: []});
	});

	test(on('what was pushed again by its digest waits for the index that it was pushed for'), async t => {
		const {records, image, addBlob, present} = await openWorld(t, database);
		const layer = await addBlob('layer');
		const entry = manifestOf({text: 'entry', layers: [layer]});
		const again = manifestOf({text: 'again', layers: [layer]});
		const first = manifestOf({text: 'first', entries: [entry.digest, again.digest]});
		const signature = manifestOf({text: 'signature', layers: [layer], subject: first.digest});
		const rules = {tagRetention: 1};
		for (const manifest of [entry, again, signature, again]) {
			await records.putManifest(image, manifest, putOptions());
		}
		await records.putManifest(image, first, putOptions(['latest'], {rules}));
		await records.putManifest(image, again, putOptions());
		await records.putManifest(image, signature, putOptions());
		await records.putManifest(image, manifestOf({text: 'else'}), putOptions(['latest'], {rules}));
		t.deepEqual(await present([first.digest, entry.digest, again.digest, signature.digest]), [again.digest]);
		const second = manifestOf({text: 'second', entries: [again.digest]});
		t.like(await records.putManifest(image, second, putOptions(['2.0'])), {outcome: 'stored'});
		await records.remove(image, {tags: named('2.0')});
		t.deepEqual(await present([second.digest, again.digest]), [], 'an index came that named it');
	});

	test(on('of what a policy chose goes what is as it was: neither set, pushed nor pulled since'), async t => {
		const {records, image, present, tags} = await openWorld(t, database);
		const [loose, set, pulled] = ['loose', 'set', 'pulled'].map(text => manifestOf({text}));
		const put = async () => {
			await records.putManifest(image, loose!, putOptions());
			await records.putManifest(image, set!, putOptions(['set']));
		};
		const look = async () => [
			...(await records.listRetainedTags(image, {limit: 9})),
			...(await records.listRetainedManifests(image, {limit: 9})),
		];
		await put();
		await records.putManifest(image, pulled!, putOptions(['pulled']));
		const seen = await look();
		await new Promise(resolve => setTimeout(resolve, 5));
		await put();
		await records.notePulls([{image, digest: pulled!.digest, at: new Date()}]);
		const nothing = await records.remove(image, {retained: {items: seen, unlessPulled: true}});
		t.deepEqual(nothing, {tags: [], manifests: []});
		t.like(await records.remove(image, {retained: {items: seen, unlessPulled: false}}), {tags: [{tag: 'pulled'}]});
		t.deepEqual(await present([loose!.digest, set!.digest]), [loose!.digest, set!.digest]);
		const items = await look();
		t.true(items.at(-1)!.pushedAt > seen.at(-1)!.pushedAt, 'a push by digest is one');
		await records.remove(image, {retained: {items, unlessPulled: true}});
		t.deepEqual(await present([loose!.digest, set!.digest]), []);
		t.deepEqual(await tags(), []);
	});
}
