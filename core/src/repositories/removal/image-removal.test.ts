import {EventBus, parseTagName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions} from '@stowage/test-servers/metadata-world';
import {silentLogger} from '@stowage/testing';
import test from 'ava';
import {ImageRemoval} from './image-removal.ts';

for (const database of databases()) {
	test(`${database.name}: what is removed is told, and what would be is not`, async t => {
		const {store, records, repositoryId, image} = await openMetadataWorld(t, database);
		const events = new EventBus(silentLogger);
		const told: string[] = [];
		events.on('tag.deleted', event => void told.push(`${event.repository} ${event.tag} ${event.actor}`));
		events.on('manifest.deleted', event => void told.push(`${event.repository} ${event.digest} ${event.actor}`));
		const one = manifestOf({text: 'one'});
		const two = manifestOf({text: 'two'});
		await records.putManifest(image, one, putOptions(['1.0']));
		await records.putManifest(image, two, putOptions(['2.0', '2.1']));
		const removal = new ImageRemoval({metadata: store, events});
		const place = {repository: {id: repositoryId, key: 'docker-local'}, image};
		const request = {tags: [{tag: parseTagName('1.0')}]};
		t.is((await removal.remove(place, request, {by: 'who', dryRun: true})).manifests.length, 1);
		t.is((await removal.removeImage(place, {by: 'who', dryRun: true})).tags.length, 3);
		t.deepEqual(told, []);
		await removal.remove(place, request, {by: 'who'});
		await removal.removeImage(place, {by: 'else'});
		await new Promise(setImmediate);
		t.deepEqual(told, [
			'docker-local 1.0 who',
			`docker-local ${one.digest} who`,
			'docker-local 2.0 else',
			'docker-local 2.1 else',
			`docker-local ${two.digest} else`,
		]);
		t.deepEqual((await records.listImages({limit: 10})).items, []);
	});
}
