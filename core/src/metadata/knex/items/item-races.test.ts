import {parseImageName, parseTagName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {addRepository, manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import test from 'ava';

const app = parseImageName('team/app');
const tag = parseTagName('latest');

for (const database of databases()) {
	test(`${database.name}: properties that are set while tags are pushed, deleted and promoted are of what is there`, async t => {
		t.timeout(120_000);
		const {store, records, repositoryId, addBlob, openAnother} = await openMetadataWorld(t, database);
		const other = await openAnother();
		const {id: target} = await addRepository(store, 'docker-prod');
		const layer = await addBlob('layer', app);
		const manifests = Array.from({length: 3}, (_, index) => manifestOf({text: `${index}`, layers: [layer]}));
		const set = new Map([['a', ['1']]]);
		const path = `${app}/${tag}/manifest.json`;
		const change = async (round: number) => {
			const {digest} = manifests[round % 3]!;
			const folder = {path: `${app}/${tag}`, image: app, tag};
			await other.properties.change(repositoryId, [{path, image: app, tag, manifest: digest}, folder], {set});
		};
		const promote = () =>
			other.promotions.promote({
				from: {repository: repositoryId, image: app},
				to: {repository: target, image: app},
				tag,
				storage: 'main',
				copy: true,
				by: 'promoter',
				mayMoveTags: true,
			});
		for (let round = 0; round < 10; round++) {
			await Promise.all([
				records.putManifest(app, manifests[round % 3]!, putOptions([tag])),
				change(round),
				promote(),
				change(round + 1),
				round % 2 === 0 ? records.deleteTag(app, tag) : records.remove(app, {tags: [{tag}]}),
				store.properties.read(repositoryId, [path]),
			]);
		}
		for (const id of [repositoryId, target]) {
			const version = await store.items.findVersion({repository: id, image: app}, {tag});
			const found = await store.properties.find(id, {name: 'a', limit: 10});
			t.true(version !== undefined || found.length === 0, found.join(' '));
			await store.repository(id).removeEverything(app, {limit: 10});
			t.deepEqual(await store.properties.find(id, {name: 'a', limit: 10}), []);
		}
	});
}
