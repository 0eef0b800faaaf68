import {createHash} from 'node:crypto';
import {mkdir, readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {makeTar} from '../../../plugins/v1-migration/src/migration/fixtures/make-tar.ts';
import {V1Registry, emptyLayer, fileLayer} from '../../../plugins/v1-migration/src/migration/fixtures/v1-registry.ts';
import {writeRegistryFolder} from '../../../plugins/v1-migration/src/migration/fixtures/write-registry-folder.ts';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

const password = 'long-enough-password';
const configuration = `
storages:
  default: {driver: filesystem, options: {root: store}}
bootstrap:
  repositories:
    images: {type: local}
    old: {type: local, options: {dockerApiVersion: V1}}
`;

async function openWorld(t: ExecutionContext) {
	const {folder, run} = await makeStowageFolder(t);
	await writeFile(join(folder, 'stowage.yaml'), configuration);
	await mkdir(join(folder, 'v1'));
	const registry = new V1Registry();
	const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	return {
		folder,
		registry,
		authorization,
		write: () => writeRegistryFolder(join(folder, 'v1'), registry),
		migrate: (...words: string[]) => run(['v1', 'migrate', ...words, '--config', 'stowage.yaml']),
		serve: async () => {
			const server = run(['serve', '--config', 'stowage.yaml', '--listen', '127.0.0.1:0'], {
				STOWAGE_ADMIN_PASSWORD: password,
			});
			return {url: await server.listening(), server};
		},
	};
}

function noise(bytes: number, seed: string): Buffer {
	const pieces = Array.from({length: Math.ceil(bytes / 64)}, (_, index) =>
		createHash('sha512').update(`${seed} ${index}`).digest(),
	);
	return Buffer.concat(pieces);
}

test.serial(
	'a folder is brought over beside a running server, and again after it was killed in the middle',
	async t => {
		const {folder, registry, authorization, write, migrate, serve} = await openWorld(t);
		let parent = registry.add({layer: fileLayer('base', 'base')});
		for (let count = 0; count < 8; count += 1) {
			parent = registry.add({
				parent,
				layer: count % 4 === 0 ? emptyLayer : makeTar([{name: 'a', content: noise(3e6, `${count}`)}]),
			});
			registry.tag('team/app', `${count}`, parent);
		}
		registry.tag('Team/App', '1', parent);
		await write();
		const {url} = await serve();
		const tags = async () => {
			const answer = await fetch(`${url}/v2/images/team/app/tags/list`, {headers: {authorization}});
			return answer.status === 200 ? ((await answer.json()) as {tags: string[]}).tags : [];
		};
		const dry = migrate('--folder', 'v1', 'images', '--dry-run', '--image', 'team/app');
		t.is(await dry.exit, 0, dry.printed.stderr);
		t.regex(dry.printed.stdout, /^8 tags would be brought to "images", and 9 layers \(\d+ bytes\) be read\n$/);
		t.deepEqual(await tags(), []);
		const killed = migrate('--folder', 'v1', 'images');
		// On a busy machine it may have ended before anybody looks: then all is there already.
		const ended = killed.exit.then(() => true);
		for (let over = false; !over && (await tags()).length < 2;) {
			over = await Promise.race([ended, wait(10, false)]);
		}
		killed.kill('SIGKILL');
		await killed.exit;
		const before = (await tags()).length;
		const rest = migrate('--folder', 'v1', 'images');
		t.is(await rest.exit, 1);
		t.regex(
			rest.printed.stdout,
			new RegExp(`^${8 - before} tags brought to "images", ${before} were there already; [0-8] layers`),
		);
		t.regex(rest.printed.stderr, /\[#+\] 100 % {2}8 of 8 tags, \d+ MiB/);
		t.regex(
			rest.printed.stderr,
			/cannot be brought over:\n {2}Team\/App:1: no client of today can ask for "Team\/App"/,
		);
		t.is((await tags()).length, 8);
		const again = migrate('--folder', 'v1', 'images', '--image', 'team/app');
		t.is(await again.exit, 0, again.printed.stderr);
		t.is(again.printed.stdout, '0 tags brought to "images", 8 were there already; 0 layers (0 bytes) read\n');
		t.true((await readdir(folder)).includes('v1'));
	},
);

test.serial('what cannot be brought over at all ends with exit code 1 and the reason', async t => {
	const {registry, write, migrate, serve} = await openWorld(t);
	registry.tag('team/app', '1', registry.add({layer: fileLayer('a', 'b')}));
	await write();
	const {server} = await serve();
	server.kill('SIGTERM');
	await server.exit;
	for (const [words, reason] of [
		[['none', 'images'], /there is no repository "none"/],
		[['--folder', 'v1', 'old'], /speaks Docker's first API alone/],
	] as const) {
		const failed = migrate(...words);
		t.is(await failed.exit, 1, words.join(' '));
		t.regex(failed.printed.stderr, reason);
	}
	const empty = migrate('old', 'images');
	t.is(await empty.exit, 0, empty.printed.stderr);
	t.regex(empty.printed.stdout, /^0 tags brought/);
});
