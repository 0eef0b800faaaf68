import type {Digest} from './digest.ts';
import {findDigest} from './digest.ts';
import type {ManifestRecord, ManifestReference} from './manifest-record.ts';
import {type ManifestKind, findManifestKind, isForeignLayer, isMediaType} from './media-types.ts';
import {isObject, parseAnnotations, parseDescriptor, parseOptionalString} from './parse-descriptor.ts';
import {parseJsonDocument} from './parse-json-document.ts';
import {RegistryError} from './registry-error.ts';

/** How many things one manifest may name. A document of 4 MiB could name four times as many. */
export const maxManifestReferences = 10_000;

type Document = Readonly<Record<string, unknown>>;

/** The members that say what a document is, and of which kind of document each is part. */
const members = {
	config: 'image',
	layers: 'image',
	manifests: 'index',
	blobs: 'artifact',
	fsLayers: 'schema1',
} as const satisfies Record<string, ManifestKind>;

type Member = keyof typeof members;

/**
 * Reads what a registry must know of a manifest: any JSON object is one. `mediaType` is that of the request's
 * `Content-Type` without parameters; when empty, the document's own counts. Throws `MANIFEST_INVALID`, whose message
 * says where, for a document that could be read as two kinds at once (CVE-2021-41190), that is of another type than it is
 * sent as, or whose descriptors are wrong. In a document of an unknown type only what looks like a descriptor counts as
 * one. Schema 1 does not tell sizes: its references have size 0.
 */
export function parseManifest(bytes: Buffer, mediaType: string, digest: Digest): ManifestRecord {
	const document = parseJsonDocument(bytes);
	const type = parseMediaType(document, mediaType);
	const known = findManifestKind(type);
	const kind = parseKind(document, known);
	checkSchemaVersion(document, known);
	const references = parseReferences(document, known);
	const annotations = parseAnnotations(document['annotations'], 'annotations');
	const artifactType = parseArtifactType(document, kind, references);
	const subject = present(document, 'subject') ? parseDescriptor(document['subject'], 'subject').digest : undefined;
	return {
		mediaType: type,
		digest,
		bytes,
		references,
		...(artifactType === undefined ? {} : {artifactType}),
		...(annotations === undefined ? {} : {annotations}),
		...(subject === undefined ? {} : {subject}),
	};
}

function parseMediaType(document: Document, sent: string): string {
	const own = parseOptionalString(document['mediaType'], 'mediaType');
	if (own !== undefined && sent !== '' && own !== sent) {
		throw invalid('the mediaType of the manifest is not its Content-Type', {mediaType: own.slice(0, 255), sent});
	}
	const type = sent === '' ? (own ?? '') : sent;
	if (!isMediaType(type)) {
		throw invalid('the manifest has no valid media type', {mediaType: type.slice(0, 255)});
	}
	return type;
}

/** Clients written in Go read keys without regard to case, so "Layers" counts as much as "layers". */
function parseKind(document: Document, known: ManifestKind | undefined): ManifestKind | undefined {
	let kind = known;
	for (const key of Object.keys(document)) {
		const member = findMember(key);
		if (member === undefined) {
			continue;
		}
		if (key !== member) {
			throw invalid(`the key of "${member}" is written in another case`, {key});
		}
		if (present(document, member) && kind !== undefined && members[member] !== kind) {
			throw invalid(`a manifest of kind "${kind}" cannot have "${member}"`, {key});
		}
		kind = present(document, member) ? members[member] : kind;
	}
	return kind;
}

function findMember(key: string): Member | undefined {
	const folded = key.toUpperCase();
	return (Object.keys(members) as Member[]).find(member => member.toUpperCase() === folded);
}

function checkSchemaVersion(document: Document, known: ManifestKind | undefined): void {
	const version = document['schemaVersion'];
	if (version === undefined) {
		return;
	}
	const expected = known === undefined ? version : known === 'schema1' ? 1 : 2;
	if (!Number.isSafeInteger(version) || version !== expected) {
		throw invalid('wrong schemaVersion', {at: 'schemaVersion'});
	}
}

function parseReferences(document: Document, known: ManifestKind | undefined): readonly ManifestReference[] {
	const references: ManifestReference[] = [];
	if (present(document, 'config') && isReference(document['config'], known)) {
		references.push({kind: 'config', descriptor: parseDescriptor(document['config'], 'config'), required: true});
	}
	for (const member of ['layers', 'blobs', 'manifests', 'fsLayers'] as const) {
		for (const [index, value] of parseList(document, member, known).entries()) {
			references.push(parseReference(member, value, `${member}[${index}]`));
		}
	}
	return references;
}

function parseList(document: Document, member: Member, known: ManifestKind | undefined): readonly unknown[] {
	const list = document[member];
	if (!present(document, member) || (known === undefined && !Array.isArray(list))) {
		return [];
	}
	if (!Array.isArray(list)) {
		throw invalid(`${member} is not a list`, {at: member});
	}
	if (list.length > maxManifestReferences) {
		throw invalid(`${member} has more than ${maxManifestReferences} entries`, {at: member});
	}
	return list.filter(value => isReference(value, known));
}

/** A document of an unknown type may use a familiar word for something else. */
function isReference(value: unknown, known: ManifestKind | undefined): boolean {
	return known !== undefined || (isObject(value) && ('digest' in value || 'blobSum' in value));
}

function parseReference(member: Member, value: unknown, where: string): ManifestReference {
	if (member === 'fsLayers') {
		return {kind: 'layer', descriptor: parseSchema1Layer(value, where), required: true};
	}
	const descriptor = parseDescriptor(value, where);
	return member === 'manifests'
		? {kind: 'manifest', descriptor, required: true}
		: {kind: 'layer', descriptor, required: !isForeignLayer(descriptor.mediaType)};
}

function parseSchema1Layer(value: unknown, where: string): ManifestReference['descriptor'] {
	const text = isObject(value) ? value['blobSum'] : undefined;
	const digest = typeof text === 'string' ? findDigest(text) : undefined;
	if (digest === undefined) {
		throw invalid(`${where}.blobSum is not a digest`, {at: `${where}.blobSum`});
	}
	return {mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest, size: 0};
}

/** The referrers API shows it and filters by it, so it has to be something that a column and a query can hold. */
function parseArtifactType(
	document: Document,
	kind: ManifestKind | undefined,
	references: readonly ManifestReference[],
): string | undefined {
	const own = parseOptionalString(document['artifactType'], 'artifactType');
	const config = references.find(reference => reference.kind === 'config');
	const type = own ?? (kind === 'image' ? config?.descriptor.mediaType : undefined);
	if (type !== undefined && !/^[\x20-\x7e]{1,255}$/.test(type)) {
		throw invalid('the artifact type is not a media type', {
			at: own === undefined ? 'config.mediaType' : 'artifactType',
		});
	}
	return type;
}

/** `null` is how Go writes a list or a pointer that is not there. */
function present(document: Document, key: string): boolean {
	return Object.hasOwn(document, key) && document[key] !== null;
}

function invalid(message: string, detail: object): RegistryError {
	return new RegistryError('MANIFEST_INVALID', message, {detail});
}
