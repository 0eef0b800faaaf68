import {setTimeout as sleep} from 'node:timers/promises';
import {parseImageName} from '@stowage/core';
import {databases} from '@stowage/test-servers/databases';
import {addBlobTo, openMetadataWorld, tagged} from '@stowage/test-servers/metadata-world';
import {startMetadataWriter} from '@stowage/test-servers/metadata-writer';
import test from 'ava';

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('what a process was told is stored is there after it was killed'), async t => {
		const {options, repositoryId, records, openAnother} = await openMetadataWorld(t, database);
		for (let round = 0; round < 3; round++) {
			const image = `killed-${round}`;
			const writer = startMetadataWriter({options, repository: repositoryId, image, count: 1e6});
			t.teardown(writer.kill);
			while (writer.acknowledged() === 0) {
				await sleep(5);
			}
			await sleep(Math.random() * 150);
			await writer.kill();
			const acknowledged = writer.acknowledged();
			t.log(`${acknowledged} manifests before the kill`);
			const store = await openAnother();
			for (let number = 0; number < acknowledged; number++) {
				const name = parseImageName(image);
				const found = await store.repository(repositoryId).findManifest(name, tagged(`t${number}`));
				t.is(found?.manifest.bytes.toString(), `${image} ${number}`);
			}
		}
		t.is((await records.listImages({limit: 10})).items.length, 3);
	});

	test(on('several processes write to one database at once, and none starves'), async t => {
		const {store, options, repositoryId, records} = await openMetadataWorld(t, database);
		const count = 100;
		const images = ['one', 'two'];
		const writers = images.map(image => startMetadataWriter({options, repository: repositoryId, image, count}));
		writers.forEach(writer => t.teardown(writer.kill));
		let slowest = 0;
		const done = new AbortController();
		const ended = Promise.all(writers.map(writer => writer.ended)).finally(() => done.abort());
		for (let number = 0; !done.signal.aborted; number++) {
			const begin = performance.now();
			await addBlobTo(store, {repository: repositoryId, image: parseImageName('mine'), text: `mine ${number}`});
			slowest = Math.max(slowest, performance.now() - begin);
		}
		for (const {code, output} of await ended) {
			t.is(code, 0, output);
		}
		t.log(`slowest write of this process: ${Math.round(slowest)} ms`);
		t.true(slowest < 20_000);
		for (const image of images) {
			const tags = await records.listTags(parseImageName(image), {limit: 1000});
			t.is(tags?.items.length, count);
		}
	});
}
