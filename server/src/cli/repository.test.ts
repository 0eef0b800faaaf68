import test from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

test.serial('repositories are made, shown, changed and deleted from the command line', async t => {
	const {run} = await makeStowageFolder(t);
	const stowage = async (...words: readonly string[]) => {
		const command = run(['repository', ...words]);
		const code = await command.exit;
		return {code, ...command.printed};
	};
	const url = 'url=https://registry-1.docker.io/';
	t.like(await stowage('add', 'hub', '--type', 'remote', '--field', url, '--field', 'password=very secret'), {code: 0});
	t.like(await stowage('add', 'team', '--type', 'local', '--field', 'maxUniqueTags=5', '--description', 'Ours'), {
		code: 0,
	});
	const members = 'repositories=["team","hub"]';
	t.like(await stowage('add', 'all', '--type', 'virtual', '--field', members), {code: 0});
	t.false((await stowage('show', 'hub')).stdout.includes('very secret'));
	t.like(await stowage('change', 'team', '--field', 'maxUniqueTags=6'), {code: 0});
	t.like(JSON.parse((await stowage('show', 'team')).stdout), {
		key: 'team',
		rclass: 'local',
		maxUniqueTags: 6,
		description: 'Ours',
	});
	t.like(await stowage('delete', 'team'), {code: 0});
	t.like(JSON.parse((await stowage('show', 'all')).stdout), {repositories: ['hub']});
	t.regex(
		(await stowage('list')).stdout,
		/^key\s+type\s+storage\s+description\s*\nall\s+virtual\s+default\s*\nhub\s+remote/,
	);
	const wrong = await stowage('change', 'hub', '--field', 'offline=perhaps');
	t.is(wrong.code, 1);
	t.regex(wrong.stderr, /field "offline"/);
	t.regex((await stowage('delete', 'none')).stderr, /does not exist/);
});
