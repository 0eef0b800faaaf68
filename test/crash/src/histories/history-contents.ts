import type {Digest} from '@stowage/core';
import {type Content, contentOf, indexFixture, mediaTypes} from '@stowage/testing';
import type {ManifestSpec} from './history.ts';

export interface HistoryManifest {
	readonly manifest: Content;
	readonly blobs: readonly Content[];
}

/** The blob of this number: the same bytes each time. */
export function layerOf(number: number): Content {
	return contentOf(Buffer.from(`layer ${number}`), mediaTypes.layer);
}

export function manifestOf({layers, salt}: ManifestSpec, members: object = {}): HistoryManifest {
	const config = contentOf(Buffer.from(JSON.stringify({salt})), mediaTypes.config);
	const blobs = [config, ...layers.map(layerOf)];
	const document = {
		schemaVersion: 2,
		mediaType: mediaTypes.manifest,
		config: config.descriptor,
		layers: blobs.slice(1).map(({descriptor}) => descriptor),
		...members,
	};
	return {manifest: contentOf(Buffer.from(JSON.stringify(document)), mediaTypes.manifest), blobs};
}

const architectures = ['amd64', 'arm64', 'riscv64'];

/** Each manifest is for another platform. */
export function indexOf(manifests: readonly HistoryManifest[]): Content {
	return indexFixture(
		manifests.map(({manifest}, position) => ({
			...manifest.descriptor,
			platform: {os: 'linux', architecture: architectures[position]},
		})),
	);
}

/** What refers to a manifest by its bytes, or is to do so by a tag. */
export function referrerOf(subject: Digest, how: 'subject' | 'companion'): HistoryManifest {
	const spec = {layers: [0], salt: 0};
	return how === 'subject'
		? manifestOf(spec, {subject: {mediaType: mediaTypes.manifest, digest: subject, size: 2}})
		: manifestOf(spec, {annotations: {of: subject}});
}
