import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {openFolderDrivers} from '../rest/docker/fixtures/folder-drivers.ts';
import {findWhole, openPromotionWorld, pushImage} from '../rest/docker/fixtures/promotion-world.ts';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

test.serial('an image is promoted from one storage to another from the command line', async t => {
	const {folder, run} = await makeStowageFolder(t);
	const data = join(folder, 'data');
	await mkdir(data);
	const storages = ['one', 'two'].map(
		name => `  ${name}:\n    driver: filesystem\n    options: {root: ${join(data, name)}}\n`,
	);
	await writeFile(
		join(folder, 'stowage.yaml'),
		`data: ${data}\nbootstrap: {repositories: {}}\nstorages:\n${storages.join('')}`,
	);
	const file = join(data, 'stowage.sqlite');
	const open = async () => openPromotionWorld({client: 'sqlite', file}, await openFolderDrivers(data));
	const world = await open();
	const here = await world.repositories.get('here');
	const pushed = here && (await pushImage(here));
	await world.close();

	const config = ['--config', 'stowage.yaml'];
	const copy = run(['promote', 'here/team/app:1.0', 'there/prod/app:latest', '--copy', ...config]);
	t.is(await copy.exit, 0, copy.printed.stderr);
	t.is(copy.printed.stdout, 'copied 4 manifests, 1 tags\n');
	const move = run(['promote', 'here/team/app', 'all', ...config]);
	t.is(await move.exit, 0, move.printed.stderr);
	const none = run(['promote', 'here/team/app', 'there', ...config]);
	t.is(await none.exit, 1);
	t.regex(none.printed.stderr, /there is no image team\/app/);
	for (const odd of ['here', 'here/', 'here/UPPER']) {
		t.is(await run(['promote', odd, 'there', ...config]).exit, 1, odd);
	}

	const after = await open();
	const [source, target] = [await after.repositories.get('here'), await after.repositories.get('there')];
	if (source === undefined || target === undefined || pushed === undefined) {
		t.fail('a repository is missing');
	} else {
		t.false(await findWhole(source, pushed));
		t.true(await findWhole(target, pushed));
	}
	await after.close();
});
