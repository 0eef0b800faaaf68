import {userInfo} from 'node:os';
import {type Json, RegistryError} from '@stowage/core';
import type {Command} from 'commander';
import type {ConfigurationOptions} from './program.ts';

/** A command that is in the audit log. */
export interface AuditedCommand {
	/** What became of it; an error unless it succeeded. Never rejects. */
	finish(error?: unknown): Promise<void>;
}

/** Commands that change nothing, by their last word. */
const reading: ReadonlySet<string> = new Set([
	'serve',
	'check-config',
	'config-schema',
	'proxy-config',
	'audit',
	'login',
	'list',
	'show',
	'check',
	'login',
	'verify',
]);

/** As the same is called over REST. */
const actions: ReadonlyMap<string, string> = new Map([
	['promote', 'image.promote'],
	['collect', 'collection.run'],
	['retention', 'retention.run'],
	['v1.migrate', 'image.migrate'],
	['token.add', 'token.issue'],
	['token.delete', 'token.revoke'],
]);

/** Where the configuration is; and what may hold a secret of a repository. */
const untold: ReadonlySet<string> = new Set(['config', 'data', 'listen', 'field']);

/** Puts a command into the audit log before it does anything; undefined for one that changes nothing. */
export async function beginAuditedCommand(command: Command): Promise<AuditedCommand | undefined> {
	const options = command.opts<ConfigurationOptions & {readonly dryRun?: boolean}>();
	if (reading.has(command.name()) || options.dryRun === true) {
		return undefined;
	}
	const [{readCliConfiguration}, {openDatabase}, {prepareDataFolder}, {openAuditLog}, {createLog}] = await Promise.all([
		import('./read-cli-configuration.ts'),
		import('../process/open-database.ts'),
		import('../process/data-folder.ts'),
		import('../audit/open-audit-log.ts'),
		import('../process/log.ts'),
	]);
	const {configuration} = await readCliConfiguration(options);
	await prepareDataFolder(configuration);
	const metadata = await openDatabase(configuration.database);
	const logger = createLog({level: configuration.log.level, destination: process.stderr});
	const audit = openAuditLog({configuration, metadata, logger});
	const begun = await audit.log.begin({
		user: 'operator',
		action: actionOf(command),
		target: command.args.join(' ').slice(0, 1024),
		address: 'local',
		details: {account: accountName(), ...toldOptions(options)},
	});
	return {
		finish: async error => {
			await begun.finish(statusOf(error));
			await audit.close();
			await metadata.close();
		},
	};
}

function actionOf(command: Command): string {
	const {parent} = command;
	const words = parent?.parent ? [parent.name(), command.name()] : [command.name()];
	const action = words.join('.');
	return actions.get(action) ?? action;
}

function toldOptions(options: object): Readonly<Record<string, Json>> {
	const told = Object.entries(options).filter(([name]) => !untold.has(name));
	return told.length === 0 ? {} : {options: Object.fromEntries(told)};
}

function statusOf(error: unknown): number {
	if (error === undefined) {
		return 200;
	}
	return error instanceof RegistryError ? error.status : 500;
}

/** In a container, the account may have a number and no name. */
function accountName(): string {
	try {
		return userInfo().username;
	} catch {
		return String(process.getuid?.() ?? '');
	}
}
