import {Command, CommanderError, InvalidArgumentError, Option} from 'commander';
import {defineAuditCommand} from './audit.ts';
import type {AuditedCommand} from './audited-command.ts';
import {defineAuthenticatorCommands} from './authenticator.ts';
import {promoteCommand} from './promote-command.ts';
import {proxyConfigCommand} from './proxy-config-command.ts';
import {defineGroupCommands} from './group.ts';
import {ignoreClosedPipes} from './ignore-closed-pipes.ts';
import {defineLoginCommand} from './login-command.ts';
import {defineMaintenanceCommands} from './maintenance.ts';
import {definePermissionCommands} from './permission.ts';
import {defineRepositoryCommands} from './repository.ts';
import {reportFailure} from './report-failure.ts';
import {defineStorageCommands} from './storage-commands.ts';
import {defineTokenCommands} from './token.ts';
import {defineUserCommands} from './user.ts';
import {defineV1Commands} from './v1-commands.ts';
import {version} from './version.ts';

/** Options of every command that reads the configuration. */
export interface ConfigurationOptions {
	readonly config?: string;
	readonly data?: string;
	readonly listen?: string;
}

/** Runs what the command line asks for. Resolves to the exit code: 0, 78 for a bad configuration, 1 for other trouble. */
export async function runProgram(argv: readonly string[]): Promise<number> {
	ignoreClosedPipes();
	const program = new Command('stowage')
		.description('A Docker and OCI registry that its operator assembles.')
		.version(version)
		.exitOverride()
		.addHelpText(
			'after',
			'\nWithout a configuration file, "stowage serve" keeps everything in ./data and listens on 127.0.0.1:5000.',
		);
	defineServe(program);
	defineConfigurationCommands(program);
	defineStorageCommands(program, withConfiguration);
	defineMaintenanceCommands(program, withConfiguration);
	defineRepositoryCommands(program, withConfiguration);
	defineUserCommands(program, withConfiguration);
	defineGroupCommands(program, withConfiguration);
	definePermissionCommands(program, withConfiguration);
	defineTokenCommands(program, withConfiguration);
	defineAuditCommand(program, withConfiguration);
	defineAuthenticatorCommands(program, withConfiguration);
	defineLoginCommand(program);
	defineV1Commands(program, withConfiguration);
	withConfiguration(promoteCommand(program));
	withConfiguration(proxyConfigCommand(program));
	let audited: AuditedCommand | undefined;
	program.hook('preAction', async (_program, command) => {
		const {beginAuditedCommand} = await import('./audited-command.ts');
		audited = await beginAuditedCommand(command);
	});
	try {
		await program.parseAsync(argv);
		await audited?.finish();
		return 0;
	} catch (error) {
		await audited?.finish(error);
		// Help and version come here too, with an exit code of 0; commander has printed what there is to say.
		return error instanceof CommanderError ? error.exitCode : reportFailure(error);
	}
}

function defineServe(program: Command): void {
	withConfiguration(program.command('serve'))
		.description('start the registry')
		.option('--workers <n>', 'processes that share the work', toCount, 1)
		.action(async (options: ConfigurationOptions & {readonly workers: number}) => {
			const {serve} = await import('./serve.ts');
			await serve(options);
		});
}

function defineConfigurationCommands(program: Command): void {
	withConfiguration(program.command('check-config'))
		.description('say everything that is wrong with the configuration')
		.action(async (options: ConfigurationOptions) => {
			const {checkConfig} = await import('./check-config.ts');
			await checkConfig(options);
		});
	withConfiguration(program.command('config-schema'))
		.description('print the JSON Schema of the configuration, with what the configured plugins add')
		.action(async (options: ConfigurationOptions) => {
			const {printConfigSchema} = await import('./print-config-schema.ts');
			await printConfigSchema(options);
		});
}

function withConfiguration(command: Command): Command {
	return command
		.addOption(new Option('-c, --config <file>', 'configuration file (YAML)').env('STOWAGE_CONFIG'))
		.option('--data <folder>', 'folder of everything kept on this machine (env: STOWAGE_DATA)')
		.option('--listen <host:port>', 'address to listen on (env: STOWAGE_LISTEN)');
}

function toCount(text: string): number {
	const count = Number(text);
	if (!Number.isInteger(count) || count < 1) {
		throw new InvalidArgumentError('It must be a whole number from 1.');
	}
	return count;
}
