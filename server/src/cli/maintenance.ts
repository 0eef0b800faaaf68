import {type Command, InvalidArgumentError} from 'commander';
import type {ConfigurationOptions} from './program.ts';

/** Commands that keep the store clean. `configured` adds the options that name the configuration. */
export function defineMaintenanceCommands(program: Command, configured: (command: Command) => Command): void {
	configured(program.command('collect'))
		.description('delete blobs that no image needs, while the registry serves')
		.option('--dry-run', 'count what would be deleted, and change nothing')
		.option('--rate <blobs>', 'blobs a second at most; as configured unless told', toRate)
		.action(async (options: ConfigurationOptions & {readonly dryRun?: boolean; readonly rate?: number}) => {
			const {collect} = await import('./collect.ts');
			await collect(options);
		});
	configured(program.command('retention'))
		.description('remove what no retention policy keeps, while the registry serves')
		.option('--dry-run', 'print what would be removed and why, and change nothing')
		.option('--repository <key>', 'of a dry run: the only repository that is looked at')
		.action(async (options: ConfigurationOptions & {readonly dryRun?: boolean; readonly repository?: string}) => {
			if (options.repository !== undefined && options.dryRun !== true) {
				throw new InvalidArgumentError('--repository needs --dry-run.');
			}
			const {applyRetention} = await import('./retention.ts');
			await applyRetention(options);
		});
}

function toRate(text: string): number {
	const rate = Number(text);
	if (!Number.isInteger(rate) || rate < 1) {
		throw new InvalidArgumentError('It must be a whole number from 1.');
	}
	return rate;
}
