import {type Digest, type TagName, parseImageName, parseTagName} from '@stowage/core';
import test from 'ava';
import type {RetainedItem} from '../../metadata/retention-records.ts';
import {type ChooseRequest, chooseLeaving} from './choose-leaving.ts';
import {type RetentionRule, checkRetention} from './retention-rule.ts';

const now = new Date('2026-11-22T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 60 * 60_000);

function item(tag: string | undefined, pushed: number, pulled?: number): RetainedItem {
	const name = tag ?? `untagged ${pushed}`;
	return {
		...(tag !== undefined && {tag: parseTagName(tag)}),
		digest: `sha256:${name}` as Digest,
		pushedAt: daysAgo(pushed),
		...(pulled !== undefined && {pulledAt: daysAgo(pulled)}),
	};
}

const items = [
	item('v1', 400),
	item('v2', 100, 3),
	item('latest', 1, 1),
	item('build-1', 50),
	item('build-2', 40, 2),
	item('build-3', 30),
	item('build-4', 20),
	item(undefined, 60),
	item(undefined, 2),
];

interface Given extends Partial<Omit<ChooseRequest, 'rules' | 'image'>> {
	readonly image?: string;
}

async function choose(rules: readonly Partial<RetentionRule>[], given: Given = {}): Promise<readonly string[]> {
	const complete = rules.map((rule, index) => ({
		name: `rule ${index}`,
		action: 'remove' as const,
		untagged: false,
		...rule,
	}));
	const leaving = await chooseLeaving({
		items,
		now,
		labelsOf: async () => [],
		...given,
		rules: complete,
		image: parseImageName(given.image ?? 'team/app'),
	});
	return leaving.map(({item: {tag, digest}}) => tag ?? digest).toSorted();
}

const startsWithV = (tag: TagName) => (tag.startsWith('v') ? 'v*' : undefined);
const rule = (more: Partial<RetentionRule>): RetentionRule => ({
	name: 'x',
	action: 'remove',
	untagged: false,
	...more,
});

test('by age', async t => {
	t.deepEqual(await choose([{olderThanDays: 45}]), ['build-1', 'v1', 'v2']);
	t.deepEqual(await choose([{olderThanDays: 45, tags: ['build-*']}]), ['build-1']);
	t.deepEqual(await choose([{youngerThanDays: 25, excludedTags: ['latest']}]), ['build-4']);
});

test('by count, of those that it is about, whatever their age', async t => {
	t.deepEqual(await choose([{tags: ['build-*'], exceptNewest: 3}]), ['build-1']);
	t.deepEqual(await choose([{tags: ['build-*'], exceptNewest: 1, olderThanDays: 35}]), ['build-1', 'build-2']);
	t.deepEqual(await choose([{tags: ['build-*'], newest: 1}]), ['build-4']);
});

test('by the last pull; what was never pulled counts from its push', async t => {
	t.deepEqual(await choose([{notPulledForDays: 25}]), ['build-1', 'build-3', 'v1']);
	t.deepEqual(await choose([{pulledWithinDays: 2.5}]), ['build-2', 'latest']);
});

test('by image', async t => {
	t.deepEqual(await choose([{olderThanDays: 45, images: ['team/*']}], {image: 'other/app'}), []);
	t.deepEqual(await choose([{olderThanDays: 300, images: ['team/*']}]), ['v1']);
	t.deepEqual(await choose([{olderThanDays: 300, excludedImages: ['team/**']}]), []);
});

test('manifests without tags are looked at by rules about them only', async t => {
	t.deepEqual(await choose([{untagged: true, olderThanDays: 30}]), ['sha256:untagged 60']);
	t.deepEqual(await choose([{untagged: true, exceptNewest: 0}]), ['sha256:untagged 2', 'sha256:untagged 60']);
});

test('by labels, of the image or of any of its platforms', async t => {
	const labels = new Map<string, readonly Readonly<Record<string, string>>[]>([
		['sha256:build-1', [{stage: 'dev'}]],
		['sha256:build-2', [{other: 'x'}, {stage: 'develop', team: 'a'}]],
		['sha256:build-3', [{stage: 'prod'}]],
	]);
	const labelsOf = async (digest: Digest) => labels.get(digest) ?? [];
	t.deepEqual(await choose([{labels: {stage: 'dev*'}}], {labelsOf}), ['build-1', 'build-2']);
	t.deepEqual(await choose([{labels: {stage: 'dev*', team: 'a'}}], {labelsOf}), ['build-2']);
	t.deepEqual(await choose([{labels: {stage: 'dev*'}, olderThanDays: 45}], {labelsOf}), ['build-1']);
});

test('what a rule keeps stays, whatever others say; immutable tags always do', async t => {
	const remove = {olderThanDays: 10};
	t.deepEqual(await choose([remove, {action: 'keep', newest: 2, tags: ['build-*']}]), [
		'build-1',
		'build-2',
		'v1',
		'v2',
	]);
	t.deepEqual(await choose([{action: 'keep', pulledWithinDays: 5}, remove]), ['build-1', 'build-3', 'build-4', 'v1']);
	t.deepEqual(await choose([{olderThanDays: 45}], {immutableBy: startsWithV}), ['build-1']);
	t.deepEqual(await choose([{action: 'keep', olderThanDays: 1}]), []);
});

test('it is said why', async t => {
	const [leaving] = await chooseLeaving({
		items: [item('build-1', 50, 45)],
		now,
		image: parseImageName('app'),
		labelsOf: async () => [],
		rules: [{name: 'old', action: 'remove', untagged: false, notPulledForDays: 30, exceptNewest: 0}],
	});
	t.like(leaving, {rule: 'old', reason: 'pushed 50 days ago, pulled 45 days ago, not among the newest 0'});
});

test('rules that are wrong are told with their place', t => {
	t.deepEqual(checkRetention([rule({olderThanDays: 1}), rule({action: 'keep'})]), []);
	t.deepEqual(
		checkRetention([
			rule({}),
			rule({tags: ['a/b']}),
			rule({images: ['../x']}),
			rule({untagged: true, tags: ['a']}),
			rule({labels: {a: '..'}}),
		]).map(({path}) => path),
		['/0', '/1/tags/0', '/2/images/0', '/3/untagged', '/4/labels/a'],
	);
});
