import {Readable} from 'node:stream';
import {type Caller, type Digest, type RepositoryType, parseImageName} from '@stowage/core';
import {blobFixture, createTestHost} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import {localType} from './index.ts';
import type {LocalOptions} from './options.ts';

const own = parseImageName('mine/app');

/** Writes down what `parts` is asked and how much comes of it. */
function watched<Parts extends object>(parts: Parts, work: string[]): Parts {
	return new Proxy(parts, {
		get(target, name) {
			const value: unknown = Reflect.get(target, name, target);
			return typeof value === 'function'
				? async (...given: readonly unknown[]) => {
						const outcome: unknown = await Reflect.apply(value, target, given);
						work.push(`${String(name)}: ${Array.isArray(outcome) ? outcome.length : typeof outcome}`);
						return outcome;
					}
				: value;
		},
	});
}

/** A repository whose work is written down, and somebody who may do everything to `mine/**` and nothing else. */
async function openWorld(t: ExecutionContext) {
	const work: string[] = [];
	const type: RepositoryType<LocalOptions> = {
		...localType,
		type: 'watched',
		create: (options, context) =>
			localType.create(options, {
				...context,
				records: watched(context.records, work),
				blobs: watched(context.blobs, work),
			}),
	};
	const host = await createTestHost({types: [type], repositories: {local: {type: 'watched'}}});
	t.teardown(() => host.close());
	const writer = host.repository.writer!;
	const dev: Caller = {
		name: 'dev',
		anonymous: false,
		admin: false,
		may: (_action, _key, image) => image === undefined || image.startsWith('mine/'),
	};
	const push = async ({bytes, digest}: ReturnType<typeof blobFixture>, name: string) => {
		const upload = await writer.startUpload(parseImageName(name), {caller: host.caller});
		await upload.append(Readable.from([bytes]));
		await upload.commit(digest);
	};
	const mount = async (digest: Digest, caller = dev) => {
		work.length = 0;
		const mounted = await writer.mountBlob(own, digest, undefined, {caller});
		return {mounted: mounted !== undefined, work: [...work]};
	};
	return {...host, push, mount};
}

test('a mount without a source costs as much for a blob of many private images as for one that nobody has', async t => {
	const {push, mount} = await openWorld(t);
	const secret = blobFixture();
	for (let number = 0; number < 30; number++) {
		await push(secret, `secret/image-${number}`);
	}
	const [held, none] = [await mount(secret.digest), await mount(blobFixture().digest)];
	t.false(held.mounted);
	t.deepEqual(held, none);
	t.true(held.work.length > 0, 'the work is seen');
});

test('without a source, who is no administrator gets what the image has, and an administrator what any has', async t => {
	const {push, mount, caller} = await openWorld(t);
	const [mine, other] = [blobFixture(), blobFixture()];
	await push(mine, own);
	await push(other, 'mine/other');
	t.true((await mount(mine.digest)).mounted);
	t.false((await mount(other.digest)).mounted);
	t.true((await mount(other.digest, caller)).mounted);
});

test('who may not read the image is not told what it has', async t => {
	const {push, mount, caller} = await openWorld(t);
	const mine = blobFixture();
	await push(mine, own);
	const blind: Caller = {...caller, admin: false, may: action => action === 'write'};
	t.deepEqual(await mount(mine.digest, blind), {mounted: false, work: []});
});
