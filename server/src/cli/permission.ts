import type {Grants, PermissionSection, PermissionTarget} from '@stowage/core';
import {type Command, InvalidArgumentError} from 'commander';
import type {PermissionAccounts} from '../auth/accounts/permission-accounts.ts';
import {accountError} from '../auth/accounts/account-error.ts';
import {collect, printJson, withMetadata} from './access.ts';
import type {ConfigurationOptions} from './program.ts';

interface PermissionOptions extends ConfigurationOptions {
	readonly repository?: readonly string[];
	readonly include?: readonly string[];
	readonly exclude?: readonly string[];
	readonly user?: Record<string, readonly string[]>;
	readonly group?: Record<string, readonly string[]>;
}

const nothing: PermissionSection = {repositories: [], includes: ['**'], excludes: [], users: {}, groups: {}};

/** `stowage permission`. `configured` adds the options that name the configuration. */
export function definePermissionCommands(program: Command, configured: (command: Command) => Command): void {
	const permission = program.command('permission').description('look after permission targets: who may do what where');
	withFields(configured(permission.command('add <name>')))
		.description('make a permission target')
		.action(async (name: string, options: PermissionOptions) =>
			onPermissions(options, async permissions => {
				await permissions.add({name, repo: await changed(nothing, options)});
			}),
		);
	configured(permission.command('list'))
		.description('list all permission targets')
		.action(async (options: PermissionOptions) =>
			onPermissions(options, async permissions => {
				const {toTable} = await import('./to-table.ts');
				const rows = (await permissions.list()).map(({name, repo}) => [name, (repo?.repositories ?? []).join(', ')]);
				process.stdout.write(toTable([['name', 'repositories'], ...rows]));
			}),
		);
	configured(permission.command('show <name>'))
		.description('show a permission target')
		.action(async (name: string, options: PermissionOptions) =>
			onPermissions(options, async permissions => {
				const {repo, build} = await getTarget(permissions, name);
				printJson({name, repo, build});
			}),
		);
	withFields(configured(permission.command('change <name>')))
		.description('change what is told of a permission target; users and groups that are not told keep their rights')
		.action(async (name: string, options: PermissionOptions) =>
			onPermissions(options, async permissions => {
				const {repo = nothing, build} = await getTarget(permissions, name);
				await permissions.replace({name, build, repo: await changed(repo, options)});
			}),
		);
	configured(permission.command('delete <name>'))
		.description('delete a permission target')
		.action(async (name: string, options: PermissionOptions) =>
			onPermissions(options, async permissions => permissions.delete(name)),
		);
}

async function onPermissions(
	options: ConfigurationOptions,
	work: (permissions: PermissionAccounts) => Promise<void>,
): Promise<void> {
	const accounts = await import('../auth/accounts/permission-accounts.ts');
	await withMetadata(options, async metadata => work(new accounts.PermissionAccounts(metadata)));
}

async function getTarget(permissions: PermissionAccounts, name: string): Promise<PermissionTarget> {
	const target = await permissions.find(name);
	if (target === undefined) {
		throw accountError(`there is no permission target "${name}"`, 404);
	}
	return target;
}

function withFields(command: Command): Command {
	const actions = 'read, annotate, write, delete and manage, or none';
	return command
		.option('--repository <key>', 'a repository, or ANY, "ANY LOCAL", "ANY REMOTE" (several times)', collect)
		.option('--include <pattern>', 'images that are meant, such as team/**; all unless told (several times)', collect)
		.option('--exclude <pattern>', 'images that are not meant (several times)', collect)
		.option('--user <name:actions>', `what a user may: of ${actions} (several times)`, collectGrant)
		.option('--group <name:actions>', `what a group may: of ${actions} (several times)`, collectGrant);
}

/** `name:read,write`; `name:` takes everything away. */
function collectGrant(
	value: string,
	before: Record<string, readonly string[]> = {},
): Record<string, readonly string[]> {
	const colon = value.lastIndexOf(':');
	if (colon < 1) {
		throw new InvalidArgumentError('It must be <name>:<action>,<action>...');
	}
	const words = value.slice(colon + 1).split(',');
	return {...before, [value.slice(0, colon)]: words.filter(word => word !== '')};
}

async function changed(before: PermissionSection, options: PermissionOptions): Promise<PermissionSection> {
	const {readGrants} = await import('../rest/security/permission-words.ts');
	return {
		repositories: options.repository ?? before.repositories,
		includes: options.include ?? before.includes,
		excludes: options.exclude ?? before.excludes,
		users: merge(before.users, readGrants(options.user)),
		groups: merge(before.groups, readGrants(options.group)),
	};
}

function merge(before: Grants, told: Grants): Grants {
	return Object.fromEntries(Object.entries({...before, ...told}).filter(([, actions]) => actions.length > 0));
}
