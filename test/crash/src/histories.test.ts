import {deepStrictEqual, ok, strictEqual} from 'node:assert/strict';
import {digestOf} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import test from 'ava';
import * as fc from 'fast-check';
import {type Actor, doStep, imageOf, keptTagOf} from './histories/do-step.ts';
import {type Step, histories, images, repositories} from './histories/history.ts';
import {HistoryWorld} from './histories/history-world.ts';
import {readWhole} from './histories/read-whole.ts';
import {findWrongRows} from './histories/wrong-rows.ts';

/** For a longer hunt: how many histories, and the seed that a failure has told. */
const {HISTORIES, HISTORY_SEED} = process.env;
const processes = 2;
const usualLimitMs = 10_000;

type Worlds = readonly HistoryWorld[];

interface Variant {
	readonly title: string;
	readonly history: (typeof histories)[keyof typeof histories];
	readonly gracePeriodMs?: number;
}

const variants: readonly Variant[] = [
	{
		title: 'whatever many do at once, everything that is there is whole, and nothing else is left',
		history: histories.atOnce,
	},
	{
		title: 'whatever many do at once, what was told to be there can be named for a grace period',
		history: histories.promised,
		gracePeriodMs: 500,
	},
];

for (const [database, {title, history, gracePeriodMs}] of databases().flatMap(one =>
	variants.map(variant => [one, variant] as const),
)) {
	test(`${database.name}: ${title}`, async t => {
		const {options, cleanup} = await database.open();
		const worlds = await HistoryWorld.open(options, {processes, gracePeriodMs});
		t.teardown(async () => {
			await Promise.all(worlds.map(world => world.close()));
			await cleanup();
		});
		let lived = 0;
		// Not by assertions of ava: it would tell of them, and not of the seed.
		const property = fc.asyncProperty(history, fc.integer({min: 1, max: processes}), async (tracks, number) => {
			lived++;
			const actors = await live(tracks, worlds.slice(0, number));
			deepStrictEqual(await findWrongRows(options, {collected: false}), []);
			await checkContents(worlds);
			await checkKept(actors);
			await settle(worlds[0]!);
			deepStrictEqual(await findWrongRows(options, {collected: true}), []);
			await checkContents(worlds);
			await checkKept(actors);
			await checkObjects(worlds[0]!);
			await empty(worlds[0]!);
			await settle(worlds[0]!);
			deepStrictEqual(await findWrongRows(options, {collected: true}), []);
			deepStrictEqual(
				[...worlds[0]!.backends.values()].flatMap(({objects, uploads}) => [...objects.keys(), ...uploads.keys()]),
				[],
			);
		});
		// Two histories are never the same, since what happens at once is decided by chance: the first that fails is told.
		await fc.assert(property, {
			endOnFailure: true,
			includeErrorInReport: true,
			...(HISTORIES === undefined
				? {numRuns: 1000, plugins: [fc.interruptAfterTimeLimit(usualLimitMs)]}
				: {numRuns: Number(HISTORIES)}),
			...(HISTORY_SEED !== undefined && {seed: Number(HISTORY_SEED)}),
		});
		t.log(`${lived} histories`);
		t.true(lived > 0);
	});
}

/** All tracks at once, by turns in either process. */
async function live(tracks: readonly (readonly Step[])[], worlds: Worlds): Promise<readonly Actor[]> {
	const actors = tracks.map((_track, number): Actor => ({number, world: worlds[number % worlds.length]!}));
	const lives = await Promise.allSettled(
		tracks.map(async (track, number) => {
			for (const step of track) {
				await doStep(step, actors[number]!);
			}
		}),
	);
	const failed = lives.find(({status}) => status === 'rejected');
	if (failed?.status === 'rejected') {
		throw failed.reason;
	}
	return actors;
}

/** Until nothing is left to collect: what one transaction had locked, another left to the next turn. */
async function settle(world: HistoryWorld): Promise<void> {
	await world.collect({all: true});
	await world.collect({all: true});
	await world.sweep();
}

/** Every tag names a manifest that is whole, and every referrer is told that refers to it. */
async function checkContents([world]: Worlds): Promise<void> {
	for (let repository = 0; repository < repositories; repository++) {
		const asked = await world!.repository(repository);
		for (let number = 0; number < images; number++) {
			const image = imageOf(number);
			const tags = (await asked.listTags(image, {limit: 1000}, world!))?.items ?? [];
			for (const tag of tags) {
				const found = await asked.findManifest(image, {tag}, world!);
				const {bytes, digest} = found!.manifest;
				strictEqual(digestOf(bytes), digest);
				ok(await readWhole(world!, {repository, image, digest}));
				const referrers = await asked.listReferrers(image, digest, {limit: 1000}, world!);
				for (const referrer of referrers.items) {
					ok(await readWhole(world!, {repository, image, digest: referrer.digest}));
				}
			}
		}
	}
}

/** What was acknowledged and nobody was to touch is there. */
async function checkKept(actors: readonly Actor[]): Promise<void> {
	for (const actor of actors) {
		if (actor.kept !== undefined) {
			const {digest, repository} = actor.kept;
			const asked = await actor.world.repository(repository);
			const found = await asked.findManifest(imageOf(0), {tag: keptTagOf(actor)}, actor.world);
			strictEqual(found?.manifest.digest, digest);
			ok(await readWhole(actor.world, {repository, image: imageOf(0), digest}));
		}
	}
}

/** The objects are those of the rows, with the bytes that their digests say. */
async function checkObjects({backends, metadata}: HistoryWorld): Promise<void> {
	for (const [storage, {objects, uploads}] of backends) {
		const blobs = await metadata.blobs.list(storage, {limit: 1000});
		deepStrictEqual([...objects.keys()].toSorted(), blobs.map(({key}) => key).toSorted());
		for (const {key, digest} of blobs) {
			strictEqual(digestOf(objects.get(key)!.bytes), digest);
		}
		strictEqual(uploads.size, 0);
	}
}

async function empty(world: HistoryWorld): Promise<void> {
	for (let repository = 0; repository < repositories; repository++) {
		for (let image = 0; image < images; image++) {
			await world.removal.removeImage(world.place(repository, imageOf(image)), {by: 'somebody'});
		}
	}
}
