import {type Command, InvalidArgumentError} from 'commander';
import type {ConfigurationOptions} from './program.ts';

interface WorkOptions extends ConfigurationOptions {
	/** MiB a second. */
	readonly rate?: number;
	readonly parallel: number;
}

/** `stowage storage`. `configured` adds the options that name the configuration. */
export function defineStorageCommands(program: Command, configured: (command: Command) => Command): void {
	const storage = program.command('storage').description('look after storages');
	configured(storage.command('check <name>'))
		.description('write, read and delete an object of a configured storage, and measure it')
		.option('--size <MiB>', 'how much to write and read', toCount, 64)
		.action(async (name: string, options: ConfigurationOptions & {readonly size: number}) => {
			const {checkStorage} = await import('./check-storage.ts');
			await checkStorage(name, options);
		});
	paced(configured(storage.command('move <from> <to>')))
		.description('bring all blobs of a storage to another, while the registry serves; a move that was ended goes on')
		.option('--dry-run', 'count what would be moved, and change nothing')
		.option('--linger <seconds>', 'how long objects stay where they were, for downloads that begin', toNumber, 60)
		.action(
			async (from: string, to: string, options: WorkOptions & {readonly dryRun?: boolean; readonly linger: number}) => {
				const {moveStorage} = await import('./move-storage.ts');
				await moveStorage(from, to, options);
			},
		);
	paced(configured(storage.command('verify <name>')))
		.description(
			'read every blob of a storage and compare it with its digest; tell what is missing, wrong or unreferenced',
		)
		.action(async (name: string, options: WorkOptions) => {
			const {verifyStorage} = await import('./verify-storage.ts');
			await verifyStorage(name, options);
		});
	configured(storage.command('reindex <name>'))
		.description('make the rows of blobs again from what a storage has')
		.option('--verify', 'read and compare every blob before')
		.option('--dry-run', 'count what would be added, and change nothing')
		.action(
			async (name: string, options: ConfigurationOptions & {readonly verify?: boolean; readonly dryRun?: boolean}) => {
				const {reindexStorage} = await import('./reindex-storage.ts');
				await reindexStorage(name, options);
			},
		);
}

function paced(command: Command): Command {
	return command
		.option('--rate <MiB>', 'MiB a second at most', toRate)
		.option('--parallel <n>', 'blobs under way at a time', toCount, 2);
}

function toCount(text: string): number {
	const count = Number(text);
	if (!Number.isInteger(count) || count < 1) {
		throw new InvalidArgumentError('It must be a whole number from 1.');
	}
	return count;
}

function toRate(text: string): number {
	const rate = toNumber(text);
	if (rate === 0) {
		throw new InvalidArgumentError('It must be above 0.');
	}
	return rate;
}

function toNumber(text: string): number {
	const number = Number(text);
	if (text.trim() === '' || !Number.isFinite(number) || number < 0) {
		throw new InvalidArgumentError('It must be a number from 0.');
	}
	return number;
}
