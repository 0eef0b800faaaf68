import test, {type ExecutionContext} from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

async function makeWorld(t: ExecutionContext) {
	const {run} = await makeStowageFolder(t);
	/** What the command prints; fails the test when it fails. */
	const stowage = async (words: string, input?: string): Promise<string> => {
		const command = run(wordsOf(words), {}, input);
		t.is(await command.exit, 0, `${words}: ${command.printed.stderr}`);
		return command.printed.stdout;
	};
	const refused = async (words: string, input?: string): Promise<string> => {
		const command = run(wordsOf(words), {}, input);
		t.is(await command.exit, 1, words);
		return command.printed.stderr;
	};
	return {run, stowage, refused};
}

function wordsOf(text: string): readonly string[] {
	return (text.match(/'[^']*'|\S+/g) ?? []).map(word => word.replaceAll("'", ''));
}

test.serial('users are made, shown, changed, listed and deleted', async t => {
	const {stowage, refused} = await makeWorld(t);
	await stowage('user add ann --email ann@example.org --password-stdin', 'correct horse\n');
	await stowage('user add root --admin --no-password');
	t.like(JSON.parse(await stowage('user show ann')), {name: 'ann', email: 'ann@example.org', admin: false});
	await stowage('user change ann --disabled');
	t.like(JSON.parse(await stowage('user show ann')), {status: 'DISABLED', email: 'ann@example.org'});
	t.regex(await stowage('user list'), /^name +state +email\nann +disabled +ann@example\.org\nroot +administrator +\n$/);
	t.regex(await refused('user add ann --no-password'), /^stowage: there is a user "ann" already\n$/);
	t.regex(await refused('user add bob --password-stdin', 'short'), /a password must have 8/);
	t.regex(await refused('user delete root'), /the last administrator/);
	await stowage('user delete ann');
	t.regex(await refused('user show ann'), /there is no user "ann"/);
});

test.serial('groups and permission targets are made, shown, changed, listed and deleted', async t => {
	const {stowage, refused} = await makeWorld(t);
	await stowage('user add ann --no-password');
	await stowage("group add 'team one' --description 'The first' --auto-join --member ann");
	t.like(JSON.parse(await stowage("group show 'team one'")), {members: ['ann'], autoJoin: true});
	await stowage("group change 'team one' --no-auto-join");
	t.like(JSON.parse(await stowage("group show 'team one'")), {
		members: ['ann'],
		autoJoin: false,
		description: 'The first',
	});
	t.regex(await stowage('group list'), /\nteam one +The first\n/);
	const where = "--repository 'ANY LOCAL' --include team/** --exclude **/secret/**";
	await stowage(`permission add target ${where} --user ann:read,w --group 'team one:read'`);
	const repo = {
		repositories: ['ANY LOCAL'],
		includes: ['team/**'],
		excludes: ['**/secret/**'],
		users: {ann: ['read', 'write']},
		groups: {'team one': ['read']},
	};
	t.deepEqual(JSON.parse(await stowage('permission show target')), {name: 'target', repo});
	await stowage('permission change target --user ann: --repository ANY');
	t.deepEqual(JSON.parse(await stowage('permission show target')), {
		name: 'target',
		repo: {...repo, repositories: ['ANY'], users: {}},
	});
	t.regex(await stowage('permission list'), /\ntarget +ANY\n/);
	t.regex(await refused('permission add other --repository nowhere'), /there is no repository "nowhere"/);
	t.regex(await refused('permission change target --user ann:everything'), /"everything" is not an action/);
	await stowage('permission delete target');
	await stowage("group delete 'team one'");
	t.regex(await refused('permission show target'), /there is no permission target/);
});

test.serial('tokens are made, shown once, listed, revoked, and their key is changed', async t => {
	const {stowage, refused} = await makeWorld(t);
	await stowage('user add ann --no-password');
	const made = JSON.parse(
		await stowage('token add ann --expires-in 60 --reference --refreshable --description CI'),
	) as {
		token_id: string;
		access_token: string;
	};
	t.like(made, {expires_in: 60, scope: 'applied-permissions/user', token_type: 'Bearer'});
	t.regex(made.access_token, /^eyJ/);
	const shown = JSON.parse(await stowage(`token show ${made.token_id}`)) as object;
	t.like(shown, {subject: 'ann', description: 'CI', reference: true, refreshable: true, issuedBy: 'operator'});
	t.notRegex(JSON.stringify(shown), /hash/i);
	t.true((await stowage('token list ann')).includes(made.token_id));
	t.false((await stowage('token list bob')).includes(made.token_id));
	await stowage('token rotate-key');
	await stowage('token rotate-key --drop-old');
	await stowage(`token delete ${made.token_id}`);
	t.regex(await refused(`token show ${made.token_id}`), /there is no token/);
	t.regex(await refused('token add nobody'), /there is no user "nobody"/);
	t.regex(await refused('token add ann --expires-in soon'), /expires_in/);
});

test.serial('what commands change is in the audit log, which a command shows', async t => {
	const {stowage, refused} = await makeWorld(t);
	await stowage('user add ann --admin --password-stdin', 'correct horse\n');
	await stowage('user show ann');
	await refused('user delete bob');
	await stowage('repository add hub --type remote --field url=https://x.example --field password=geheim');
	const lines = (await stowage('audit --json')).trimEnd().split('\n');
	const entries = lines.map(line => JSON.parse(line) as Record<string, unknown>);
	t.deepEqual(
		entries.map(({user, action, target, status, address}) => [user, action, target, status, address]),
		[
			['operator', 'repository.add', 'hub', 200, 'local'],
			['operator', 'user.delete', 'bob', 404, 'local'],
			['operator', 'user.add', 'ann', 200, 'local'],
		],
	);
	t.like(entries[2]?.['details'], {options: {admin: true, passwordStdin: true}});
	t.notRegex(lines.join('\n'), /geheim|correct horse/);
	t.regex(
		await stowage('audit --action user.add --until 2999-01-01'),
		/^time .*\n\S+Z +operator +local +user\.add +ann +200 *\n$/,
	);
	t.is((await stowage('audit --from 2999-01-01')).split('\n').length, 2);
});
