import {imageFixture} from '@stowage/testing';
import test from 'ava';
import {openProxyWorld, remote, startUpstream, virtual} from '../fixtures/proxy-world.ts';

const docker = virtual(['docker-local', 'hub'], {defaultDeploymentRepo: 'docker-local'});

test('a blob whose source is in trouble is uploaded, and the client told why', async t => {
	const upstream = await startUpstream(t);
	const {ask, rest} = await openProxyWorld(t, {hub: remote(upstream), docker});
	const content = imageFixture();
	upstream.putImage('team/base', content, ['v1']);
	await ask('docker/team/base/manifests/v1');
	await rest.metadata.definitions.insert({
		key: 'broken',
		type: 'virtual',
		storage: 'default',
		description: '',
		options: {repositories: ['gone']},
	});
	await rest.repositories.refresh();
	upstream.script(/./, (_request, response) => response.writeHead(503).end());
	for (const from of ['docker/team/base', 'hub/team/base', 'broken/team/base']) {
		const query = `mount=${content.layers[0]!.digest}&from=${from}`;
		for (const target of ['docker', 'docker-local']) {
			const answer = await ask(`${target}/team/app/blobs/uploads/?${query}`, {method: 'POST'});
			t.is(answer.status, 202, from);
			t.truthy(answer.headers.get('location'));
			t.regex(answer.headers.get('warning') ?? '', /^299 - "the blob cannot be mounted: /);
		}
	}
	const none = await ask(`docker/team/app/blobs/uploads/?mount=${content.config.digest}&from=docker-local/none`, {
		method: 'POST',
	});
	t.deepEqual([none.status, none.headers.get('warning')], [202, null]);
});

test('a mount that a quota refuses is refused before anything is sent', async t => {
	const {ask, push, rest} = await openProxyWorld(t, {});
	const content = imageFixture({layerSize: 5000});
	await push('docker-dev', 'team/base', content, 'v1');
	const definition = (await rest.metadata.definitions.find('docker-local'))!;
	await rest.metadata.definitions.update({...definition, options: {...definition.options, imageQuota: 2000}});
	await rest.repositories.refresh();
	const query = `mount=${content.layers[0]!.digest}&from=docker-dev/team/base`;
	t.is((await ask(`docker-local/team/app/blobs/uploads/?${query}`, {method: 'POST'})).status, 403);
});
