import {EventBus, type RetainedImage, type Retention, retentionJob, runRetention} from '@stowage/core';
import {createRetention} from '../process/create-retention.ts';
import type {ConfigurationOptions} from './program.ts';
import {runJob} from './run-job.ts';
import {type CliApplication, withApplication} from './with-application.ts';

export interface RetentionCommandOptions extends ConfigurationOptions {
	readonly dryRun?: boolean;
	/** Key of the only repository that a dry run looks at. */
	readonly repository?: string;
}

/** Removes what no policy keeps, unless a server does so already. A dry run prints what would go and why. */
export async function applyRetention(options: RetentionCommandOptions): Promise<void> {
	await withApplication(options, async application => {
		const {plugins, logger} = application;
		const events = new EventBus(logger);
		const retention = createRetention({...application, repositoryTypes: plugins.repositoryTypes, events});
		await (options.dryRun === true
			? tellPlan(retention, {...options, signal: application.signal})
			: run(application, retention));
	});
}

async function tellPlan(
	retention: Retention,
	{repository, signal}: RetentionCommandOptions & {readonly signal: AbortSignal},
): Promise<void> {
	const sum = {tags: 0, manifests: 0};
	for await (const image of retention.run({dryRun: true, repository, signal})) {
		process.stdout.write(toLines(image));
		sum.tags += image.removal.tags.length;
		sum.manifests += image.removal.manifests.length;
	}
	process.stdout.write(`${sum.tags} tags and ${sum.manifests} manifests would be removed\n`);
}

function toLines({repository, image, leaving, removal}: RetainedImage): string {
	const named = new Set(leaving.map(({item}) => item.tag ?? item.digest));
	const place = `${repository}/${image}`;
	const because = leaving.map(({item: {tag, digest}, rule, reason}) => {
		const what = tag === undefined ? `@${digest}` : `:${tag}`;
		return `${place}${what}  ${rule}: ${reason}\n`;
	});
	const along = [
		...removal.tags.filter(({tag}) => !named.has(tag)).map(({tag}) => `:${tag}`),
		...removal.manifests.filter(({digest}) => !named.has(digest)).map(({digest}) => `@${digest}`),
	];
	return [...because, ...along.map(what => `${place}${what}  goes along\n`)].join('');
}

async function run(application: CliApplication, retention: Retention): Promise<void> {
	const {jobs} = application.metadata;
	await runJob(application, retentionJob, async options => {
		const {images, tags, manifests} = await runRetention({retention, jobs}, options);
		process.stdout.write(`${images} images looked at; ${tags} tags and ${manifests} manifests removed\n`);
	});
}
