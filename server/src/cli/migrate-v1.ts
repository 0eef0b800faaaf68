import {
	ImageMigration,
	type MigrateImagesOptions,
	type MigrationReport,
	everythingCaller,
	parseTagName,
} from '@stowage/core';
import type {ConfigurationOptions} from './program.ts';
import {ProgressBar} from './progress-bar.ts';
import {withRepositories} from './with-repositories.ts';

export interface MigrateV1Options extends ConfigurationOptions {
	readonly folder?: boolean;
	readonly image?: string;
	readonly tag?: string;
	readonly dryRun?: boolean;
}

/** As over REST, for who has the configuration, beside servers that may be running. Rejects when some images cannot be brought over. */
export async function migrateV1(source: string, target: string, options: MigrateV1Options): Promise<void> {
	const {folder, image, tag, dryRun = false} = options;
	const from = folder === true ? {folder: source} : {repository: source};
	const asked = {image, tag: tag === undefined ? undefined : parseTagName(tag), dryRun};
	await withRepositories(options, async ({metadata, repositories, plugins, logger, signal}) => {
		const migration = new ImageMigration({metadata, repositories, migrations: plugins.migrations});
		const report = await withBar(onProgress =>
			migration.migrate(
				'v1',
				{from, to: target},
				{
					...asked,
					// Who has the configuration may do everything.
					caller: everythingCaller('stowage'),
					demand: () => undefined,
					logger,
					signal,
					onProgress,
				},
			),
		);
		process.stdout.write(`${tell(report, target, dryRun)}\n`);
		refuseFailed(report);
	});
}

/** The bar is drawn once it is known how much there is to do. */
async function withBar<Result>(
	work: (onProgress: Required<MigrateImagesOptions>['onProgress']) => Promise<Result>,
): Promise<Result> {
	let bar: ProgressBar | undefined;
	try {
		return await work(({done, total, bytes}) => {
			bar ??= new ProgressBar({done: total, bytes: 0}, {of: 'tags'});
			bar.show({done, bytes});
		});
	} finally {
		bar?.end();
	}
}

function tell({tags, layers, bytes}: MigrationReport, target: string, dryRun: boolean): string {
	const read = `${layers} layers (${bytes} bytes)`;
	if (dryRun) {
		return `${tags.length} tags would be brought to "${target}", and ${read} be read`;
	}
	const unchanged = tags.filter(tag => tag.unchanged).length;
	return `${tags.length - unchanged} tags brought to "${target}", ${unchanged} were there already; ${read} read`;
}

function refuseFailed({failed}: MigrationReport): void {
	if (failed.length > 0) {
		const lines = failed.map(({image, tag, reason}) => `  ${image}${tag === undefined ? '' : `:${tag}`}: ${reason}`);
		throw new UnmigratedError(`these cannot be brought over:\n${lines.join('\n')}`);
	}
}

class UnmigratedError extends Error {
	override readonly name = 'UnmigratedError';
	readonly code = 'IMAGES_NOT_MIGRATED';
}
