import type {Command} from 'commander';
import {accountError} from '../auth/accounts/account-error.ts';
import type {UserAccounts, UserChange} from '../auth/accounts/user-accounts.ts';
import {collect, printJson, readPassword, withMetadata} from './access.ts';
import type {ConfigurationOptions} from './program.ts';

interface UserOptions extends ConfigurationOptions {
	readonly admin?: boolean;
	readonly email?: string;
	readonly disabled?: boolean;
	readonly group?: readonly string[];
	readonly passwordStdin?: boolean;
	/** False where the user is not to have one. */
	readonly password?: boolean;
}

/** `stowage user`. `configured` adds the options that name the configuration. */
export function defineUserCommands(program: Command, configured: (command: Command) => Command): void {
	const user = program.command('user').description('look after users');
	withFields(configured(user.command('add <name>')))
		.description('make a user')
		.action(async (name: string, options: UserOptions) =>
			onUsers(options, async users => {
				await users.add(name, await readChange(options));
			}),
		);
	configured(user.command('list'))
		.description('list all users')
		.action(async (options: UserOptions) =>
			onUsers(options, async users => {
				const {toTable} = await import('./to-table.ts');
				const rows = (await users.list()).map(({name, admin, disabled, email = ''}) => [
					name,
					[admin ? 'administrator' : '', disabled ? 'disabled' : ''].filter(word => word !== '').join(', '),
					email,
				]);
				process.stdout.write(toTable([['name', 'state', 'email'], ...rows]));
			}),
		);
	configured(user.command('show <name>'))
		.description('show a user')
		.action(async (name: string, options: UserOptions) =>
			onUsers(options, async users => {
				const {shownUser} = await import('../rest/security/user-fields.ts');
				const account = await users.find(name);
				if (account === undefined) {
					throw accountError(`there is no user "${name}"`, 404);
				}
				printJson(shownUser(account));
			}),
		);
	withFields(configured(user.command('change <name>')))
		.description('change what is told of a user')
		.action(async (name: string, options: UserOptions) =>
			onUsers(options, async users => {
				await users.change(name, await readChange(options));
			}),
		);
	configured(user.command('delete <name>'))
		.description('delete a user, with what was granted to him and his tokens')
		.action(async (name: string, options: UserOptions) => onUsers(options, async users => users.delete(name)));
}

async function onUsers(options: ConfigurationOptions, work: (users: UserAccounts) => Promise<void>): Promise<void> {
	const accounts = await import('../auth/accounts/user-accounts.ts');
	await withMetadata(options, async (metadata, {data}) => work(new accounts.UserAccounts(metadata, data)));
}

function withFields(command: Command): Command {
	return command
		.option('--admin', 'an administrator')
		.option('--no-admin', 'no administrator')
		.option('--email <address>', 'email address')
		.option('--disabled', 'cannot sign in')
		.option('--no-disabled', 'can sign in')
		.option('--group <name>', 'a group that he is in, and in no other that is not told (several times)', collect)
		.option('--password-stdin', 'read the password from standard input')
		.option('--no-password', 'has no password: signs in with tokens, or elsewhere');
}

async function readChange(options: UserOptions): Promise<UserChange> {
	const {admin, email, disabled, group: groups, password} = options;
	return {
		admin,
		email,
		disabled,
		groups,
		...(password === false && {internalPasswordDisabled: true}),
		password: await readPassword(options),
	};
}
