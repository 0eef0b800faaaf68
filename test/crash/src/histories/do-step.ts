import {setTimeout as sleep} from 'node:timers/promises';
import {
	type Digest,
	type ImageName,
	RegistryError,
	type RetentionRule,
	type TagName,
	parseImageName,
	parseTagName,
} from '@stowage/core';
import type {Content} from '@stowage/testing';
import {type HistoryManifest, indexOf, layerOf, manifestOf, referrerOf} from './history-contents.ts';
import type {ManifestSpec, Removing, Step} from './history.ts';
import type {HistoryWorld} from './history-world.ts';
import {pushPromised} from './push-promised.ts';
import {readWhole} from './read-whole.ts';

/** Who does the steps: `kept` is what his tag of the steady image names, which nobody else sets or deletes. */
export interface Actor {
	readonly world: HistoryWorld;
	readonly number: number;
	kept?: {readonly digest: Digest; readonly repository: number};
}

/** In the image 0 of the repository 0 tags that are kept stay what they are. */
const steady = {repository: 0, image: 0};

/** Refusals of what others have changed meanwhile. */
const expected: ReadonlySet<string> = new Set([
	'MANIFEST_BLOB_UNKNOWN',
	'MANIFEST_UNKNOWN',
	'NAME_UNKNOWN',
	'BLOB_UNKNOWN',
	'DENIED',
	'UNSUPPORTED',
	'UNAVAILABLE',
]);

/** Does it, and takes for granted that others may be faster. Rejects when something is wrong. */
export async function doStep(step: Step, actor: Actor): Promise<void> {
	try {
		await perform(step, actor);
	} catch (error) {
		if (!(error instanceof RegistryError && expected.has(error.code))) {
			throw error;
		}
	}
}

export const keptTagOf = ({number}: Pick<Actor, 'number'>): TagName => parseTagName(`kept-${number}`);
export const imageOf = (number: number): ImageName => parseImageName(`image-${number}`);
const tagOf = (number: number): TagName => parseTagName(`tag-${number}`);

async function perform(step: Step, actor: Actor): Promise<void> {
	switch (step.do) {
		case 'push':
			return push(step, actor);
		case 'move tag':
			return moveTag(step, actor);
		case 'push index':
			return pushIndex(step, actor);
		case 'keep':
			return keep(step.manifest, actor);
		case 'refer':
			return refer(step, actor);
		case 'read':
			return read(step, actor);
		case 'promote':
			return promote(step, actor);
		case 'mount':
			return mount(step, actor);
		case 'push promised':
			return pushAsPromised(step, actor);
		case 'retain':
			return actor.world.retain(policies[step.policy] ?? []);
		case 'collect':
			return actor.world.collect();
		case 'sweep':
			return actor.world.sweep();
		default:
			return remove(step, actor);
	}
}

type Of<Kind extends Step['do']> = Extract<Step, {do: Kind}>;

async function push({repository, image, manifest, tag}: Of<'push'>, {world}: Actor): Promise<void> {
	const {manifest: content, blobs} = manifestOf(manifest);
	await world.pushBlobs(repository, imageOf(image), blobs);
	await put(world, {repository, image, content, tags: tag === undefined ? [] : [tagOf(tag)]});
}

/** From one to the next. */
async function moveTag({manifests, ...place}: Of<'move tag'>, actor: Actor): Promise<void> {
	for (const manifest of manifests) {
		await push({...place, do: 'push', manifest}, actor);
	}
}

async function pushIndex({repository, image, manifests, tag}: Of<'push index'>, {world}: Actor): Promise<void> {
	const children = manifests.map(spec => manifestOf(spec));
	await pushAll(world, {repository, image, children});
	await put(world, {
		repository,
		image,
		content: indexOf(children),
		tags: tag === undefined ? [] : [tagOf(tag)],
	});
}

interface PushAll {
	readonly repository: number;
	readonly image: number;
	readonly children: readonly HistoryManifest[];
}

async function pushAll(world: HistoryWorld, {repository, image, children}: PushAll): Promise<void> {
	for (const {manifest, blobs} of children) {
		await world.pushBlobs(repository, imageOf(image), blobs);
		await put(world, {repository, image, content: manifest, tags: []});
	}
}

/** As often as it takes: without a grace period a collection may be faster than a push. */
async function keep(spec: ManifestSpec, actor: Actor): Promise<void> {
	const {manifest, blobs} = manifestOf(spec);
	for (let tries = 0; tries < 200; tries++) {
		await actor.world.pushBlobs(steady.repository, imageOf(steady.image), blobs);
		try {
			await put(actor.world, {...steady, content: manifest, tags: [keptTagOf(actor)]});
			actor.kept = {digest: manifest.digest, repository: steady.repository};
			return;
		} catch (error) {
			if (!(error instanceof RegistryError && error.code === 'MANIFEST_BLOB_UNKNOWN')) {
				throw error;
			}
			await sleep(Math.random() * 5);
		}
	}
	throw new Error('what is to be kept could never be pushed');
}

interface Put {
	readonly repository: number;
	readonly image: number;
	readonly content: Content;
	readonly tags: readonly TagName[];
}

async function put(world: HistoryWorld, {repository, image, content, tags}: Put): Promise<void> {
	const {writer} = await world.repository(repository);
	const {bytes, mediaType, digest} = content;
	await writer?.putManifest(imageOf(image), {bytes, mediaType, digest, tags}, {caller: world.caller});
}

async function refer({repository, image, tag, how}: Of<'refer'>, {world}: Actor): Promise<void> {
	const subject = await digestOfTag(world, {repository, image, tag});
	if (subject !== undefined) {
		const {manifest, blobs} = referrerOf(subject, how);
		const tags = how === 'subject' ? [] : [parseTagName(`${subject.replace(':', '-')}.sig`)];
		await world.pushBlobs(repository, imageOf(image), blobs);
		await put(world, {repository, image, content: manifest, tags});
	}
}

interface TagPlace {
	readonly repository: number;
	readonly image: number;
	readonly tag: number;
}

async function digestOfTag(world: HistoryWorld, {repository, image, tag}: TagPlace): Promise<Digest | undefined> {
	const asked = await world.repository(repository);
	return (await asked.findManifest(imageOf(image), {tag: tagOf(tag)}, world))?.manifest.digest;
}

/** What is there has all that it names. */
async function read({repository, image, tag}: TagPlace, {world}: Actor): Promise<void> {
	const digest = await digestOfTag(world, {repository, image, tag});
	if (digest !== undefined) {
		await readWhole(world, {repository, image: imageOf(image), digest});
	}
}

async function promote(step: Of<'promote'>, {world}: Actor): Promise<void> {
	const {repository, image, to, tag, targetTag, copy} = step;
	const whole = tag === undefined;
	// The kept tags of the steady image stay, and no others take their place.
	if (whole && image === steady.image && (to === steady.repository || (repository === steady.repository && !copy))) {
		return;
	}
	const key = (number: number) => world.place(number, imageOf(image)).repository.key;
	await world.promote(
		{repository: key(repository), image: imageOf(image), ...(!whole && {tag: tagOf(tag)})},
		{repository: key(to), image: imageOf(image), ...(!whole && targetTag !== undefined && {tag: tagOf(targetTag)})},
		copy,
	);
}

async function mount({repository, image, layer, from}: Of<'mount'>, {world}: Actor): Promise<void> {
	const source = {repository: await world.repository(from.repository), image: imageOf(from.image)};
	const {writer} = await world.repository(repository);
	await writer?.mountBlob(imageOf(image), layerOf(layer).digest, source, {caller: world.caller});
}

async function pushAsPromised({image, manifest, tag, ...step}: Of<'push promised'>, {world}: Actor): Promise<void> {
	const tags = tag === undefined ? [] : [tagOf(tag)];
	await pushPromised(world, {...step, image: imageOf(image), content: manifestOf(manifest), tags});
}

async function remove(step: Removing, {world}: Actor): Promise<void> {
	const {repository, image} = step;
	const name = imageOf(image);
	const isSteady = repository === steady.repository && image === steady.image;
	const {writer} = await world.repository(repository);
	switch (step.do) {
		case 'delete tag':
			await writer?.deleteTag(name, tagOf(step.tag), world);
			return;
		case 'delete manifest': {
			const digest = isSteady ? undefined : await digestOfTag(world, {repository, image, tag: step.tag});
			await (digest && writer?.deleteManifest(name, digest, world));
			return;
		}
		case 'delete blob':
			await writer?.deleteBlob(name, layerOf(step.layer).digest, world);
			return;
		case 'remove tag':
			await world.removal.remove(world.place(repository, name), {tags: [{tag: tagOf(step.tag)}]}, {by: 'somebody'});
			return;
		case 'remove image':
			if (!isSteady) {
				await world.removal.removeImage(world.place(repository, name), {by: 'somebody'});
			}
	}
}

const rule = (more: Partial<RetentionRule>): RetentionRule => ({
	name: 'rule',
	action: 'remove',
	untagged: false,
	...more,
});
const keepKept = rule({action: 'keep', tags: ['kept-*']});

const policies: readonly (readonly RetentionRule[])[] = [
	[rule({exceptNewest: 1, tags: ['tag-*']}), keepKept],
	[rule({untagged: true, exceptNewest: 0})],
	[rule({exceptNewest: 2}), rule({untagged: true, notPulledForDays: 0}), keepKept],
];
