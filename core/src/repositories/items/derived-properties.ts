import type {Labels} from '../../metadata/item-records.ts';
import type {Properties} from '../../metadata/property-records.ts';
import {digestHex} from '../../oci/digest.ts';
import type {Item} from './item.ts';

const derivedNames: ReadonlySet<string> = new Set([
	'docker.repoName',
	'docker.manifest',
	'docker.manifest.digest',
	'docker.manifest.type',
	'sha256',
]);

const labelPrefix = 'docker.label.';

/** Whether nobody can set it, because it says what an item is. */
export function isDerivedProperty(name: string): boolean {
	return derivedNames.has(name) || name.startsWith(labelPrefix);
}

/** What the manifest, its config and its place say of an item, in the words of Artifactory; worked out each time, so always right. */
export function derivedProperties(item: Item, labels: Labels = {}): Properties {
	if (item.kind === 'folder' || item.content === 'marker') {
		return new Map();
	}
	const {content, digest, version} = item;
	const hex = ['sha256', [digestHex(digest)]] as const;
	if (content !== 'manifest') {
		return new Map([hex]);
	}
	return new Map<string, readonly string[]>([
		...Object.entries(labels).map(([name, value]) => [labelPrefix + name, [value]] as const),
		['docker.manifest', [version.tag ?? version.digest]],
		['docker.manifest.digest', [digest]],
		['docker.manifest.type', [version.mediaType]],
		['docker.repoName', [version.image]],
		hex,
	]);
}
