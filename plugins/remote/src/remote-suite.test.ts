import {createTestHost, repositorySuite} from '@stowage/testing';
import test from 'ava';
import {startApp} from '../../../server/src/http/fixtures/start-app.ts';
import {remoteType} from './remote-type.ts';

/** Cases that read a blob which no manifest names: a remote repository does not ask its upstream for such. */
const ofLooseBlobs: ReadonlySet<string> = new Set([
	'a blob is found and read as it was pushed',
	'an empty blob is a blob',
	'bytes 0 to 1 of a blob are those',
	'bytes 10 to 2000 of a blob are those',
	'bytes 2999 to 3000 of a blob are those',
	'bytes 0 to 3000 of a blob are those',
	'an error of whoever chooses the range is given on, and no stream stays open',
	'an upload that arrives in pieces through many processes is one blob',
	'an upload whose client breaks off goes on where its bytes are safe',
	'a blob that is pushed again stays',
	'twenty pushes of one blob at a time all succeed',
	'an upload is verified by the algorithm of the digest, whatever was announced',
	'a blob of another repository is mounted',
	'a blob of another image of the repository is mounted, with and without its name',
]);

let left = 0;

repositorySuite({
	test(title, run) {
		if (ofLooseBlobs.has(title)) {
			left += 1;
		} else {
			test.serial(title, run);
		}
	},
	async make() {
		const upstream = await startApp();
		const options = {
			url: `${upstream.url}/api/docker/docker-local`,
			username: 'admin',
			password: 'secret',
			allowedAddresses: ['127.0.0.1'],
			retrievalCachePeriodSecs: 0,
			missedRetrievalCachePeriodSecs: 0,
		};
		const host = await createTestHost({types: [remoteType], repositories: {remote: {type: 'remote', options}}});
		const {repositories} = upstream.parts;
		return {
			repository: host.repository,
			pushTo: await repositories.get('docker-local'),
			mountFrom: (await repositories.get('docker-dev')) ?? host.repository,
			caller: host.caller,
			another: async () => (await host.another()).repository,
			async close() {
				await host.close();
				await upstream.stop();
			},
		};
	},
});

test('the suite still has every case that is left out', t => {
	t.is(left, ofLooseBlobs.size);
});
