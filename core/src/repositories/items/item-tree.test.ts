import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test from 'ava';
import {everythingCaller} from '../../access/everything-caller.ts';
import type {Caller} from '../../access/caller.ts';
import type {Digest} from '../../oci/digest.ts';
import {parseImageName} from '../../oci/image-name.ts';
import type {Repositories} from '../repositories.ts';
import type {Repository} from '../repository.ts';
import {findImages, findItemPath} from './item-path.ts';
import {ItemTree} from './item-tree.ts';

const hex = 'a'.repeat(64);

test('a path may be of a version of an image, or of an image', t => {
	t.deepEqual(findImages('team/app/1.0'), ['team/app/1.0', 'team/app', 'team'].map(parseImageName));
	t.deepEqual(findImages('team/app/1.0/manifest.json'), [parseImageName('team/app')]);
	t.deepEqual(findImages(`team/app/sha256:${hex}/sha256__${hex}`), [parseImageName('team/app')]);
	t.deepEqual(findImages('Team/App'), []);
	t.is(findItemPath('/a/b/'), 'a/b');
	t.deepEqual(['a//b', 'a/../b', './a', 'a\u0001', 'a'.repeat(545)].map(findItemPath), Array(5).fill(undefined));
});

for (const database of databases()) {
	test(`${database.name}: everything is walked through once, whatever its names have in common`, async t => {
		const {store, records, addBlob} = await openMetadataWorld(t, database);
		const images = ['a', 'a/b', 'a/b-c', 'a/b/c', 'ab', 'secret'].map(parseImageName);
		const digests = new Map<string, Digest>();
		for (const image of images) {
			const child = manifestOf({text: `${image} child`, layers: [await addBlob(`layer of ${image}`, image)]});
			await records.putManifest(image, child, putOptions());
			const index = manifestOf({text: `${image} index`, entries: [child.digest]});
			await records.putManifest(image, index, putOptions(['b', 'b1', 'c']));
			digests.set(image, child.digest);
		}
		const repository = {key: 'docker-local', type: 'local'} as Repository;
		const repositories: Repositories = {
			get: async key => (key === repository.key ? repository : undefined),
			find: () => undefined,
			keys: async () => [repository.key],
		};
		const caller: Caller = {...everythingCaller('who'), may: (_action, _key, image) => image !== 'secret'};
		const tree = await ItemTree.open({metadata: store, repositories}, 'docker-local', caller);
		const all = await pathsOf(tree.walk(''));
		t.deepEqual(all.toSorted(), [...new Set(all)].toSorted());
		t.false(all.some(path => path.startsWith('secret')));
		t.true(all.includes('a/b') && all.includes('a/b/c') && all.includes('a/b/c/b/manifest.json'));
		t.is(all.filter(path => path.endsWith('.json')).length, 5 * 4);
		const child = `a/b-c/${digests.get('a/b-c')}`;
		for (const prefix of [
			'',
			'a',
			'a/',
			'a/b',
			'a/b/',
			'a/b/c/',
			'a/b-c/b',
			'a/b-c/b1/',
			child,
			`${child}/`,
			'x',
			'secret/b',
		]) {
			const expected = all.filter(path => path.startsWith(prefix));
			t.deepEqual((await pathsOf(tree.startingWith(prefix))).toSorted(), expected.toSorted(), prefix);
		}
		const below = (await pathsOf(tree.walk('a/b'))).toSorted();
		t.deepEqual(below, all.filter(path => path.startsWith('a/b/')).toSorted());
		t.deepEqual((await pathsOf(tree.walk('', {depth: 1}))).toSorted(), ['a', 'ab']);
		for (const path of all) {
			t.is((await tree.find(path))?.path, path);
		}
		t.is(await tree.find('secret/b'), undefined);
		t.is(await tree.find('a/never'), undefined);
	});
}

async function pathsOf(items: AsyncIterable<{readonly path: string}>): Promise<readonly string[]> {
	const paths: string[] = [];
	for await (const {path} of items) {
		paths.push(path);
	}
	return paths;
}
