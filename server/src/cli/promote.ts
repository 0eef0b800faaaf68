import {ImagePromotion, type ImageReference, parseImageName, parseTagName} from '@stowage/core';
import {InvalidArgumentError} from 'commander';
import type {ConfigurationOptions} from './program.ts';

export interface PromoteOptions extends ConfigurationOptions {
	readonly copy?: boolean;
}

type Target = Omit<ImageReference, 'image'> & Partial<Pick<ImageReference, 'image'>>;

/** As over REST, for who has the configuration, beside servers that may be running. Rejects with what is wrong. */
export async function promote(source: string, target: string, options: PromoteOptions): Promise<void> {
	const from = toSource(source);
	const {image = from.image, ...rest} = toTarget(target);
	const to: ImageReference = {...rest, image};
	const {withRepositories} = await import('./with-repositories.ts');
	await withRepositories(options, async ({metadata, repositories, storages, events, logger, signal}) => {
		const promotion = new ImagePromotion({metadata, repositories, storages, events, logger});
		// Who has the configuration may do everything.
		const promoted = await promotion.promote(from, to, {
			by: 'stowage',
			demand: () => undefined,
			copy: options.copy === true,
			signal,
		});
		const {manifests, tags} = promoted;
		process.stdout.write(
			`${options.copy === true ? 'copied' : 'moved'} ${manifests.length} manifests, ${tags.length} tags\n`,
		);
	});
}

function toSource(text: string): ImageReference {
	const {image, ...rest} = toTarget(text);
	if (image === undefined) {
		throw new InvalidArgumentError('It must be repository/image or repository/image:tag.');
	}
	return {...rest, image};
}

function toTarget(text: string): Target {
	const [, repository, image, tag] = /^([^/:]+)(?:\/([^:]+)(?::(.+))?)?$/.exec(text) ?? [];
	if (repository === undefined) {
		throw new InvalidArgumentError('It must be repository, repository/image or repository/image:tag.');
	}
	try {
		return {
			repository,
			...(image !== undefined && {image: parseImageName(image)}),
			...(tag !== undefined && {tag: parseTagName(tag)}),
		};
	} catch (error) {
		throw new InvalidArgumentError(`${(error as Error).message}.`);
	}
}
