import type {Command} from 'commander';
import {accountError} from '../auth/accounts/account-error.ts';
import type {GroupAccounts, GroupChange} from '../auth/accounts/group-accounts.ts';
import {collect, printJson, withMetadata} from './access.ts';
import type {ConfigurationOptions} from './program.ts';

interface GroupOptions extends ConfigurationOptions {
	readonly description?: string;
	readonly autoJoin?: boolean;
	readonly admin?: boolean;
	readonly member?: readonly string[];
}

/** `stowage group`. `configured` adds the options that name the configuration. */
export function defineGroupCommands(program: Command, configured: (command: Command) => Command): void {
	const group = program.command('group').description('look after groups of users');
	withFields(configured(group.command('add <name>')))
		.description('make a group')
		.action(async (name: string, options: GroupOptions) =>
			onGroups(options, async groups => {
				await groups.add(name, changeOf(options));
			}),
		);
	configured(group.command('list'))
		.description('list all groups')
		.action(async (options: GroupOptions) =>
			onGroups(options, async groups => {
				const {toTable} = await import('./to-table.ts');
				const rows = (await groups.list()).map(({name, autoJoin, adminPrivileges, description}) => [
					name,
					[adminPrivileges ? 'administrators' : '', autoJoin ? 'new users join' : '']
						.filter(word => word !== '')
						.join(', '),
					description,
				]);
				process.stdout.write(toTable([['name', 'kind', 'description'], ...rows]));
			}),
		);
	configured(group.command('show <name>'))
		.description('show a group and its members')
		.action(async (name: string, options: GroupOptions) =>
			onGroups(options, async groups => {
				const account = await groups.find(name);
				if (account === undefined) {
					throw accountError(`there is no group "${name}"`, 404);
				}
				const {description, autoJoin, adminPrivileges, realm = 'internal'} = account.group;
				printJson({name, description, autoJoin, adminPrivileges, realm, members: account.members});
			}),
		);
	withFields(configured(group.command('change <name>')))
		.description('change what is told of a group')
		.action(async (name: string, options: GroupOptions) =>
			onGroups(options, async groups => {
				await groups.change(name, changeOf(options));
			}),
		);
	configured(group.command('delete <name>'))
		.description('delete a group, with what was granted to it')
		.action(async (name: string, options: GroupOptions) => onGroups(options, async groups => groups.delete(name)));
}

async function onGroups(options: ConfigurationOptions, work: (groups: GroupAccounts) => Promise<void>): Promise<void> {
	const accounts = await import('../auth/accounts/group-accounts.ts');
	await withMetadata(options, async metadata => work(new accounts.GroupAccounts(metadata)));
}

function withFields(command: Command): Command {
	return command
		.option('--description <text>', 'what it is for')
		.option('--auto-join', 'new users join it')
		.option('--no-auto-join', 'new users do not join it')
		.option('--admin', 'its members are administrators')
		.option('--no-admin', 'its members are no administrators')
		.option('--member <user>', 'a member, besides whom there is none that is not told (several times)', collect);
}

function changeOf({description, autoJoin, admin, member}: GroupOptions): GroupChange {
	return {description, autoJoin, adminPrivileges: admin, members: member};
}
