import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {startSlapd} from '@stowage/test-servers/slapd';
import test from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

test('an operator sees what a directory says of somebody, and why it cannot be asked', async t => {
	const slapd = await startSlapd();
	t.teardown(() => slapd.stop());
	const {folder, run} = await makeStowageFolder(t);
	const offered = ['filesystem', 'local', 'remote', 'virtual', 'ldap'].map(name => `@stowage/${name}`);
	const authenticators = [{name: 'company', type: 'ldap', options: slapd.options}];
	await writeFile(join(folder, 'stowage.yaml'), JSON.stringify({plugins: offered, authenticators}));
	const check = async (parameters: readonly string[], input?: string) => {
		const command = run(['authenticator', 'check', '--config', 'stowage.yaml', ...parameters], {}, input);
		return {code: await command.exit, ...command.printed};
	};
	const known = await check(['company', 'ANN']);
	t.is(known.code, 0, known.stderr);
	t.like(JSON.parse(known.stdout), {name: 'ann', email: 'ann@example.org', groups: ['developers', 'testers']});
	t.is((await check(['company', 'ann', '--password-stdin'], 'password of ann\n')).code, 0);
	const wrong = await check(['company', 'ann', '--password-stdin'], 'wrong\n');
	t.deepEqual([wrong.code, wrong.stdout], [1, '']);
	t.regex(wrong.stderr, /refuses this, or knows nobody/);
	t.regex((await check(['company', '--token-stdin'], 'x')).stderr, /does not check tokens/);
	t.regex((await check(['companie', 'ann'])).stderr, /there is no authenticator "companie", did you mean "company"/);
	await slapd.pause();
	const gone = await check(['company', 'ann']);
	t.is(gone.code, 1);
	t.regex(gone.stderr, /^stowage: no server of the directory can be reached: ldaps:\/\/127\.0\.0\.1:\d+: .*\n$/);
});
