import type {Digest} from '@stowage/core';
import {ConversionError} from './conversion-error.ts';
import {type V1ImageJson, type V1Value, isObject} from './v1-image-json.ts';

/** One image of the chain with what its layer became; `undefined` for one that changes no file. */
export interface ChainLink {
	readonly image: V1ImageJson;
	readonly diffId: Digest | undefined;
}

export type ImageForm = 'docker' | 'oci';

/** Every engine that spoke V1 ran on this, and the first ones did not say so. */
const firstPlatform = {architecture: 'amd64', os: 'linux'};

/**
 * The config of an image from the JSON of its V1 images, the lowest first (Docker Image Specification v1.2, "Image JSON
 * Description"; OCI image specification, "config.md"). The same chain always gives the same bytes.
 */
export function buildConfig(chain: readonly ChainLink[], form: ImageForm): Buffer {
	const {image} = chain.at(-1) as ChainLink;
	const {document, created, author, comment, containerConfig} = image;
	const container = form === 'oci' ? {} : {comment, container: textOf(document['container'])};
	const engine = form === 'oci' ? {} : {docker_version: textOf(document['docker_version'])};
	const config = {
		created: created ?? earliest,
		author,
		architecture: image.architecture || firstPlatform.architecture,
		variant: textOf(document['variant']),
		os: image.os || firstPlatform.os,
		...container,
		...engine,
		config: runConfig(image, image.config ?? {}),
		...(form === 'docker' && containerConfig && {container_config: runConfig(image, containerConfig)}),
		rootfs: {type: 'layers', diff_ids: chain.flatMap(({diffId}) => diffId ?? [])},
		history: chain.map(historyOf),
	};
	return Buffer.from(JSON.stringify(config));
}

/** The zero time of engines. */
const earliest = '0001-01-01T00:00:00Z';

function historyOf({image, diffId}: ChainLink): object {
	const {created, author, comment, containerConfig} = image;
	const command = containerConfig === undefined ? undefined : listOf(image, containerConfig, 'Cmd')?.join(' ');
	return {
		created: created ?? earliest,
		author: author || undefined,
		created_by: command || undefined,
		comment: comment || undefined,
		...(diffId === undefined && {empty_layer: true}),
	};
}

const lists = ['Cmd', 'Entrypoint', 'Env', 'OnBuild'] as const;
const maps = ['ExposedPorts', 'Volumes'] as const;
const texts = ['User', 'WorkingDir', 'StopSignal', 'Hostname', 'Domainname', 'Image'] as const;

/** With the words of today, and in the types that those who read it insist on. Throws `ConversionError`. */
function runConfig(image: V1ImageJson, config: V1Value): V1Value {
	const checked: Record<string, unknown> = {...config};
	for (const name of lists) {
		setUnlessNull(checked, name, listOf(image, config, name));
	}
	for (const name of maps) {
		setUnlessNull(checked, name, mapOf(image, config, name, isObject));
	}
	setUnlessNull(checked, 'Labels', mapOf(image, config, 'Labels', isText));
	for (const name of texts) {
		const value = config[name] ?? undefined;
		if (value !== undefined && !isText(value)) {
			throw wrong(image, name);
		}
	}
	return checked;
}

/** Null and absent mean the same, and stay what they are. */
function setUnlessNull(config: Record<string, unknown>, name: string, value: unknown): void {
	if (value !== undefined) {
		config[name] = value;
	}
}

/** The first engines wrote a list of one as a text. */
function listOf(image: V1ImageJson, config: V1Value, name: string): readonly string[] | undefined {
	const value = config[name] ?? undefined;
	if (value === undefined) {
		return undefined;
	}
	const list: unknown = isText(value) ? [value] : value;
	if (!Array.isArray(list) || !list.every(isText)) {
		throw wrong(image, name);
	}
	return list;
}

function mapOf(
	image: V1ImageJson,
	config: V1Value,
	name: string,
	is: (value: unknown) => boolean,
): V1Value | undefined {
	const value = config[name] ?? undefined;
	if (value === undefined) {
		return undefined;
	}
	if (!isObject(value) || !Object.values(value).every(inner => inner === null || is(inner))) {
		throw wrong(image, name);
	}
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inner ?? (name === 'Labels' ? '' : {})]));
}

function isText(value: unknown): value is string {
	return typeof value === 'string';
}

function textOf(value: unknown): string | undefined {
	return isText(value) && value !== '' ? value : undefined;
}

function wrong({id}: V1ImageJson, name: string): ConversionError {
	return new ConversionError('json', `the JSON of ${id.slice(0, 12)} has a wrong "${name}" in its config`);
}
