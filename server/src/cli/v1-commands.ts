import type {Command} from 'commander';
import type {MigrateV1Options} from './migrate-v1.ts';

/** `stowage v1`. `configured` adds the options that name the configuration. */
export function defineV1Commands(program: Command, configured: (command: Command) => Command): void {
	const v1 = program.command('v1').description("look after images of Docker's first API");
	configured(v1.command('migrate <source> <target>'))
		.description(
			'bring images of a repository with dockerApiVersion V1 to a repository of today; the same command goes on after whatever ended it',
		)
		.option('--folder', 'the source is a folder, in which the first docker-registry kept its images')
		.option('--image <name>', 'only this image')
		.option('--tag <tag>', 'only this tag')
		.option('--dry-run', 'say what is missing and how much there is to read, and change nothing')
		.action(async (source: string, target: string, options: MigrateV1Options) => {
			const {migrateV1} = await import('./migrate-v1.ts');
			await migrateV1(source, target, options);
		});
}
