import {
	type FailedTag,
	type MigratedTag,
	type MigrationReport,
	type MigrationRequest,
	RegistryError,
	type Repository,
	type RepositoryWriter,
} from '@stowage/core';
import type {LimitFunction} from 'p-limit';
import type {ImageForm} from './build-config.ts';
import {ConversionError} from './conversion-error.ts';
import {ConversionMemory} from './conversion-memory.ts';
import {ImageConverter} from './image-converter.ts';
import {LayerConverter} from './layer-converter.ts';
import type {LayerLimits} from './layer-limits.ts';
import {lookAtLayers} from './look-at-layers.ts';
import {type SelectedTag, selectTags} from './select-tags.ts';
import type {V1SourceLayer, V1Source} from './v1-source.ts';

export interface MigrationSettings {
	readonly limits: LayerLimits;
	readonly form: ImageForm;
	/** Of tags on their way, whoever else migrates. */
	readonly limit: LimitFunction;
}

/**
 * Brings images of the V1 protocol to a repository, as they would be pushed by an engine of today: layers without those
 * that change no file, and a config of what the JSON of all of them says. What cannot be converted is told, and the rest
 * goes on. Begun again, whatever ended it, it reads no layer twice. Rejects with `NAME_UNKNOWN` or `MANIFEST_UNKNOWN`
 * when there is nothing of what was asked for.
 */
export async function migrateImages(
	source: V1Source,
	request: MigrationRequest,
	settings: MigrationSettings,
): Promise<MigrationReport> {
	const writer = writerOf(request.target);
	const {onProgress, signal} = request;
	const {tags, failed} = await selectTags(source, request);
	refuseNothing(source, request, tags.length + failed.length);
	const read = new Map<string, V1SourceLayer>();
	let [done, received] = [0, 0];
	const tell = () => onProgress?.({done, total: tags.length, bytes: received});
	const onReceive = (bytes: number) => {
		received += bytes;
		tell();
	};
	const migrate = createMigrate({source, writer, read, onReceive}, request, settings);
	tell();
	const outcomes = await Promise.all(
		tags.map(tag =>
			settings.limit(async () => {
				const outcome = await failureOf(tag, () => migrate(tag), request);
				done += 1;
				tell();
				return outcome;
			}),
		),
	);
	signal?.throwIfAborted();
	return {
		tags: outcomes.flatMap(outcome => ('reason' in outcome ? [] : [outcome])),
		failed: [...failed, ...outcomes.flatMap(outcome => ('reason' in outcome ? [outcome] : []))],
		layers: read.size,
		bytes: [...read.values()].reduce((sum, {size}) => sum + size, 0),
	};
}

function writerOf({writer, key, readOnlyBecause}: Repository): RepositoryWriter {
	if (writer === undefined) {
		throw new RegistryError('UNSUPPORTED', readOnlyBecause ?? `nothing can be pushed to "${key}"`, {status: 400});
	}
	return writer;
}

function refuseNothing({name}: V1Source, {image, tag}: MigrationRequest, found: number): void {
	if (found > 0 || (image === undefined && tag === undefined)) {
		return;
	}
	throw image === undefined || tag === undefined
		? new RegistryError('NAME_UNKNOWN', `there is no V1 image ${image ?? `with the tag ${tag}`} in ${name}`)
		: new RegistryError('MANIFEST_UNKNOWN', `there is no V1 image ${image}:${tag} in ${name}`);
}

interface Ends {
	readonly source: V1Source;
	readonly writer: RepositoryWriter;
	/** By their keys: those that were read. */
	readonly read: Map<string, V1SourceLayer>;
	readonly onReceive: (bytes: number) => void;
}

/** What is done with each tag. */
function createMigrate(
	{source, writer, read, onReceive}: Ends,
	{target, values, caller, signal, dryRun}: MigrationRequest,
	{limits, form}: MigrationSettings,
): (selected: SelectedTag) => Promise<MigratedTag> {
	const onRead = (layer: V1SourceLayer) => void read.set(layer.key, layer);
	const memory = new ConversionMemory(values);
	const layers = new LayerConverter({source, writer, memory, limits, caller, signal, onRead, onReceive});
	const images = new ImageConverter({source, layers, target, writer, form, caller, signal});
	return async ({source: name, image, tag}) => {
		signal?.throwIfAborted();
		if (!caller.may('write', target.key, image)) {
			throw new RegistryError('DENIED', `${image} may not be written to "${target.key}"`);
		}
		const id = await source.findTag(name, tag, {signal});
		if (id === undefined) {
			throw new ConversionError('ancestry', 'the tag is not there any more');
		}
		if (dryRun === true) {
			await lookAtLayers(source, id, {memory, onRead, signal});
			return {image, tag, unchanged: false};
		}
		return images.convert(id, image, tag);
	};
}

/** What was thrown about one tag does not end the others: a failing server ends them soon enough. */
async function failureOf(
	{source: image, tag}: SelectedTag,
	work: () => Promise<MigratedTag>,
	{logger, signal}: MigrationRequest,
): Promise<MigratedTag | FailedTag> {
	try {
		return await work();
	} catch (error) {
		if (signal?.aborted !== true) {
			logger.warn({err: error, image, tag}, 'a V1 image could not be migrated');
		}
		const told = error instanceof ConversionError || error instanceof RegistryError;
		return {image, tag, reason: told ? error.message : 'an error of this server, told in its log'};
	}
}
