import {parseImageName, parseTagName} from '@stowage/core';
import {contentOf, createTestHost} from '@stowage/testing';
import test from 'ava';

test('when a manifest was last asked for is noted, at the latest when the repository is closed', async t => {
	const host = await createTestHost();
	t.teardown(() => host.close());
	const as = {caller: host.caller};
	const image = parseImageName('app');
	const [pulled, other] = ['one', 'two'].map(tag => ({
		...contentOf(Buffer.from(JSON.stringify({schemaVersion: 2, tag})), 'application/vnd.oci.image.index.v1+json'),
		tags: [parseTagName(tag)],
	}));
	await host.repository.writer?.putManifest(image, pulled!, as);
	await host.repository.writer?.putManifest(image, other!, as);
	const before = new Date();
	t.truthy(await host.repository.findManifest(image, {tag: parseTagName('one')}, as));
	await host.repositories.close();
	const {id = 0} = (await host.metadata.definitions.find('local')) ?? {};
	const [one, two] = await host.metadata.repository(id).listRetainedTags(image, {limit: 10});
	t.true(one!.pulledAt! >= before);
	t.is(two?.pulledAt, undefined);
});
