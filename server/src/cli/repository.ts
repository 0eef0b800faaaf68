import type {Command} from 'commander';
import {collect} from './access.ts';
import type {RepositoryOptions} from './repository-commands.ts';

/** `stowage repository`. `configured` adds the options that name the configuration. */
export function defineRepositoryCommands(program: Command, configured: (command: Command) => Command): void {
	const repository = program.command('repository').description('look after repositories');
	configured(repository.command('list'))
		.description('list all repositories')
		.action(async (options: RepositoryOptions) => (await commands()).listRepositories(options));
	configured(repository.command('show <key>'))
		.description('show all fields of a repository but its secrets')
		.action(async (key: string, options: RepositoryOptions) => (await commands()).showRepository(key, options));
	withFields(configured(repository.command('add <key>')))
		.description('make a repository')
		.requiredOption('--type <word>', 'local, remote, virtual, or what a plugin offers')
		.action(async (key: string, options: RepositoryOptions) => (await commands()).addRepository(key, options));
	withFields(configured(repository.command('change <key>')))
		.description('change fields of a repository; the others stay')
		.action(async (key: string, options: RepositoryOptions) => (await commands()).changeRepository(key, options));
	configured(repository.command('delete <key>'))
		.description('delete a repository with everything in it')
		.action(async (key: string, options: RepositoryOptions) => (await commands()).deleteRepository(key, options));
}

async function commands() {
	return import('./repository-commands.ts');
}

function withFields(command: Command): Command {
	return command
		.option('--storage <name>', 'the storage that new blobs go to')
		.option('--description <text>', 'what it is for')
		.option('--field <name=value>', 'any other field, as over REST; JSON or a text (several times)', collect);
}
