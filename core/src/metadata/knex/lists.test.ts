import {type Digest, type ImageName, type Page, digestOf, parseImageName, parseTagName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test from 'ava';

/** Prefixes of each other, and characters on both sides of the letters and of the slash. */
const tags = ['v1', 'v1.0', 'v1.0.1', 'v1-rc', 'V1', 'v', 'a', 'Z', '_1', '10', '9', 'v1_', 'v10'];
const images = ['a', 'a/b', 'a/b/c', 'a-b', 'a.b', 'a__b', 'aa', 'ab', 'b', '0/a', 'a0', 'library/hello'];

async function walk<Item extends string>(
	list: (after: string | undefined) => Promise<Page<Item> | undefined>,
): Promise<Item[][]> {
	const pages: Item[][] = [];
	for (let after: string | undefined; ;) {
		const page = await list(after);
		pages.push([...(page?.items ?? [])]);
		if (page?.next === undefined) {
			return pages;
		}
		after = page.next;
	}
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	for (const limit of [1, 2, 5, tags.length - 1, tags.length, tags.length + 1]) {
		test(on(`pages of ${limit} tags together are all tags, once each, in byte order`), async t => {
			const {records, image} = await openMetadataWorld(t, database);
			await records.putManifest(image, manifestOf({text: 'm'}), putOptions(tags));
			const pages = await walk(after => records.listTags(image, {limit, after}));
			t.deepEqual<string[], string[]>(pages.flat(), tags.toSorted());
			t.is(pages.length, Math.ceil(tags.length / limit));
			t.true(pages.slice(0, -1).every(page => page.length === limit));
		});

		test(on(`pages of ${limit} images together are all images, once each, in byte order`), async t => {
			const {records} = await openMetadataWorld(t, database);
			for (const name of images) {
				await records.putManifest(parseImageName(name), manifestOf({text: 'm'}), putOptions());
			}
			const pages = await walk<ImageName>(after => records.listImages({limit, after}));
			t.deepEqual<string[], string[]>(pages.flat(), images.toSorted());
			t.is(pages.length, Math.ceil(images.length / limit));
		});
	}

	test(on('a list goes on after a name that is not there, and is empty after the last'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		await records.putManifest(image, manifestOf({text: 'm'}), putOptions(['a', 'c', 'e']));
		const [c, e] = [parseTagName('c'), parseTagName('e')];
		t.deepEqual(await records.listTags(image, {limit: 9, after: 'b'}), {items: [c, e]});
		t.deepEqual(await records.listTags(image, {limit: 9, after: 'e'}), {items: []});
		t.deepEqual(await records.listTags(image, {limit: 9, after: 'zz'}), {items: []});
		t.deepEqual(await records.listTags(image, {limit: 9, after: '\u{1F600}'}), {items: []});
	});

	test(on('a page of no items is the last one'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		await records.putManifest(image, manifestOf({text: 'm'}), putOptions(['a']));
		t.deepEqual(await records.listTags(image, {limit: 0}), {items: []});
		t.deepEqual(await records.listImages({limit: 0}), {items: []});
		t.is(await records.listTags(parseImageName('unknown'), {limit: 0}), undefined);
	});

	test(on('an image that only holds blobs is not listed and has no list of tags'), async t => {
		const {records, image, addBlob} = await openMetadataWorld(t, database);
		await addBlob('layer');
		t.deepEqual(await records.listImages({limit: 5}), {items: []});
		t.is(await records.listTags(image, {limit: 5}), undefined);
	});

	test(on('an image without tags has an empty list of them'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		await records.putManifest(image, manifestOf({text: 'm'}), putOptions());
		t.deepEqual(await records.listTags(image, {limit: 5}), {items: []});
		t.deepEqual(await records.listImages({limit: 5}), {items: [image]});
	});

	test(
		on('referrers come in order of their digests, as descriptors, and may be of one artifact type only'),
		async t => {
			const {records, image} = await openMetadataWorld(t, database);
			const subject = digestOf(Buffer.from('subject'));
			const stored = Array.from({length: 7}, (_, index) =>
				manifestOf({
					text: `referrer ${index}`,
					subject,
					artifactType: index % 2 === 0 ? 'application/a' : undefined,
					annotations: index === 0 ? {'org.example': 'é"\\'} : undefined,
				}),
			);
			for (const manifest of [...stored, manifestOf({text: 'another', subject: digestOf(Buffer.from('x'))})]) {
				await records.putManifest(image, manifest, putOptions());
			}
			const sorted = stored.toSorted((one, other) => (one.digest < other.digest ? -1 : 1));
			const all = await records.listReferrers(image, subject, {limit: 100});
			t.deepEqual(
				all.items,
				sorted.map(({digest, mediaType, bytes, artifactType, annotations}) => ({
					mediaType,
					digest,
					size: bytes.length,
					...(artifactType !== undefined && {artifactType}),
					...(annotations !== undefined && {annotations}),
				})),
			);
			const pages = await walk<Digest>(async after => {
				const page = await records.listReferrers(image, subject, {limit: 3, after, artifactType: 'application/a'});
				return {...page, items: page.items.map(item => item.digest)};
			});
			const expected = sorted.filter(manifest => manifest.artifactType !== undefined).map(manifest => manifest.digest);
			t.deepEqual(pages, [expected.slice(0, 3), expected.slice(3)]);
			t.deepEqual(await records.listReferrers(image, digestOf(Buffer.from('none')), {limit: 3}), {items: []});
			t.deepEqual(await records.listReferrers(image, subject, {limit: 3, artifactType: 'application/A'}), {items: []});
			t.deepEqual(await records.listReferrers(parseImageName('unknown'), subject, {limit: 3}), {items: []});
		},
	);

	test(on('the last page of 10,000 tags and of 2,000 images costs about what the first does'), async t => {
		const {store, repositoryId, records, image} = await openMetadataWorld(t, database);
		await records.putManifest(image, manifestOf({text: 'm'}), putOptions(names(10_000)));
		await store.transaction(async inner => {
			for (const name of names(2000)) {
				const manifest = manifestOf({text: 'm'});
				await inner.repository(repositoryId).putManifest(parseImageName(name), manifest, putOptions());
			}
		});
		const tagCost = (after: string) => cost(() => records.listTags(image, {limit: 20, after}));
		const imageCost = (after: string) => cost(() => records.listImages({limit: 20, after}));
		t.true((await tagCost('t09980')) < 5 * (await tagCost('')), 'tags');
		t.true((await imageCost('t01980')) < 5 * (await imageCost('')), 'images');
	});
}

function names(length: number): readonly string[] {
	return Array.from({length}, (_, index) => `t${String(index).padStart(5, '0')}`);
}

/** Milliseconds of the quickest of several calls: the others were disturbed. */
async function cost(call: () => Promise<unknown>): Promise<number> {
	let quickest = Infinity;
	for (let round = 0; round < 50; round++) {
		const begin = performance.now();
		await call();
		quickest = Math.min(quickest, performance.now() - begin);
	}
	return quickest;
}
