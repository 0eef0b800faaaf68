import {setImmediate as turn} from 'node:timers/promises';
import {databases} from '@stowage/test-servers/databases';
import {manifestOf, openMetadataWorld, putOptions, tagged} from '@stowage/test-servers/metadata-world';
import test from 'ava';

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('a manifest that many ask for is the newest one, whoever has pushed it'), async t => {
		const {store, records, image, repositoryId, openAnother} = await openMetadataWorld(t, database);
		const elsewhere = (await openAnother()).repository(repositoryId);
		const read = async () => (await records.findManifest(image, tagged('v1')))?.manifest.bytes.toString();
		for (const [writer, text] of [
			[elsewhere, 'one'],
			[records, 'two'],
			[elsewhere, 'three'],
		] as const) {
			await writer.putManifest(image, manifestOf({text}), putOptions(['v1']));
			await turn();
			store.arrived();
			t.deepEqual(await Promise.all([read(), read()]), [text, text]);
		}
		await elsewhere.deleteTag(image, tagged('v1').tag);
		t.is(await read(), undefined);
		await records.putManifest(image, manifestOf({text: 'four'}), putOptions(['v1']));
		t.is(await read(), 'four');
	});

	test(on('what is remembered is bounded, and what is too large is read again'), async t => {
		const {records, image} = await openMetadataWorld(t, database);
		const large = 'm'.repeat(3 * 1024 * 1024);
		for (const tag of ['a', 'b', 'c', 'd']) {
			await records.putManifest(image, manifestOf({text: large + tag}), putOptions([tag]));
		}
		for (const tag of ['a', 'b', 'c', 'd', 'a']) {
			t.is((await records.findManifest(image, tagged(tag)))?.manifest.bytes.toString(), large + tag);
		}
	});
}
