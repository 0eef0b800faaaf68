import test from 'ava';
import {type Digest, digestOf} from './digest.ts';
import type {ManifestRecord} from './manifest-record.ts';
import * as types from './media-types.ts';
import {parseManifest} from './parse-manifest.ts';

const some = digestOf(Buffer.from('some'));
const other = digestOf(Buffer.from('other'), 'sha512');

test('an image manifest names its config and its layers in order', t => {
	const config = {mediaType: types.ociConfigType, digest: some, size: 7};
	const layers = [
		{mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: other, size: 0},
		{
			mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
			digest: some,
			size: 9,
			urls: ['https://x'],
		},
	];
	const record = parse({schemaVersion: 2, mediaType: types.ociManifestType, config, layers}, types.ociManifestType);
	t.deepEqual(
		record.references.map(({kind, descriptor, required}) => [kind, descriptor.digest, descriptor.size, required]),
		[
			['config', some, 7, true],
			['layer', other, 0, true],
			['layer', some, 9, false],
		],
	);
	t.is(record.artifactType, types.ociConfigType);
	t.is(record.mediaType, types.ociManifestType);
	t.is(record.subject, undefined);
});

test('the bytes and the digest are kept as they came', t => {
	const bytes = Buffer.from('{ "schemaVersion":2 }\n');
	const record = parseManifest(bytes, types.ociManifestType, digestOf(bytes));
	t.is(record.bytes, bytes);
	t.is(record.digest, digestOf(bytes));
});

test('an index names manifests, with what the descriptors say', t => {
	const entry = {
		mediaType: types.ociManifestType,
		digest: some,
		size: 5,
		artifactType: 'application/x',
		annotations: {a: 'b'},
		platform: {os: 'linux', architecture: 'amd64'},
	};
	const nested = {mediaType: types.ociIndexType, digest: other, size: 6};
	const blob = {mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: some, size: 5};
	const record = parse({schemaVersion: 2, manifests: [entry, nested, blob]}, types.ociIndexType);
	t.deepEqual(
		record.references.map(({kind, required}) => [kind, required]),
		Array.from({length: 3}, () => ['manifest', true]),
	);
	const {platform: _, ...kept} = entry;
	t.deepEqual({...record.references[0]?.descriptor}, kept as never);
	t.is(record.artifactType, undefined, 'an index without artifactType has none');
});

test('schema 1 names its layers, twice where it lists them twice', t => {
	const document = {schemaVersion: 1, name: 'a/b', tag: 'c', fsLayers: [{blobSum: some}, {blobSum: some}], history: []};
	for (const type of [types.dockerSchema1Type, types.dockerSignedSchema1Type]) {
		const record = parse(document, type);
		t.deepEqual(
			record.references.map(({kind, descriptor}) => [kind, descriptor.digest]),
			[
				['layer', some],
				['layer', some],
			],
		);
	}
});

const descriptor = {mediaType: 'application/x', digest: some, size: 1};
const accepted: Readonly<Record<string, [document: object, mediaType: string, references: number]>> = {
	'a Docker image manifest': [
		{schemaVersion: 2, config: descriptor, layers: [descriptor]},
		types.dockerManifestType,
		2,
	],
	'a Docker manifest list': [{schemaVersion: 2, manifests: [descriptor]}, types.dockerManifestListType, 1],
	'an index without entries': [{schemaVersion: 2, manifests: []}, types.ociIndexType, 0],
	'a manifest without layers': [{schemaVersion: 2, config: descriptor, layers: []}, types.ociManifestType, 1],
	'layers that Go wrote as null': [{schemaVersion: 2, config: descriptor, layers: null}, types.ociManifestType, 1],
	'a manifest without config': [{schemaVersion: 2, layers: [descriptor]}, types.ociManifestType, 1],
	'a manifest with nothing in it': [{}, types.ociManifestType, 0],
	'an artifact with a data field': [
		{schemaVersion: 2, artifactType: 'a/b', config: {...descriptor, data: 'e30='}, layers: [{...descriptor, data: ''}]},
		types.ociManifestType,
		2,
	],
	'members nobody knows': [{schemaVersion: 2, 'org.example': {deep: [1, 2]}, layers: []}, types.ociManifestType, 0],
	'an artifact manifest of the release candidate': [{blobs: [descriptor]}, types.ociArtifactManifestType, 1],
	'a document of an unknown type': [{anything: ['goes']}, 'application/vnd.example+json', 0],
	'an unknown type with descriptors': [{layers: [descriptor], config: descriptor}, 'application/vnd.example+json', 2],
	'an unknown type that means something else by the same words': [
		{layers: 'three', config: {colour: 'red'}, annotations: {a: 'b'}},
		'application/vnd.example+json',
		0,
	],
	'an unknown type with a version of its own': [{schemaVersion: 17}, 'application/vnd.example+json', 0],
	'a descriptor without a media type': [{layers: [{digest: some, size: 1}]}, types.ociManifestType, 1],
	'a size of 2^53 - 1': [{layers: [{...descriptor, size: Number.MAX_SAFE_INTEGER}]}, types.ociManifestType, 1],
};

for (const [title, [document, mediaType, references]] of Object.entries(accepted)) {
	test(`accepted: ${title}`, t => {
		t.is(parse(document, mediaType).references.length, references);
	});
}

test('the type of an artifact is its own, else that of its config, and of an index only its own', t => {
	const config = {...descriptor, mediaType: 'application/vnd.config+json'};
	t.is(parse({artifactType: 'a/own', config}, types.ociManifestType).artifactType, 'a/own');
	t.is(parse({config}, types.ociManifestType).artifactType, 'application/vnd.config+json');
	t.is(parse({artifactType: '', config}, types.ociManifestType).artifactType, 'application/vnd.config+json');
	t.is(parse({artifactType: 'a/own', manifests: []}, types.ociIndexType).artifactType, 'a/own');
	t.is(parse({manifests: []}, types.ociIndexType).artifactType, undefined);
});

test('subject and annotations are found, in an index too', t => {
	for (const [type, member] of [
		[types.ociManifestType, 'layers'],
		[types.ociIndexType, 'manifests'],
	] as const) {
		const record = parse({[member]: [], subject: {...descriptor, digest: other}, annotations: {a: '', b: 'c'}}, type);
		t.is(record.subject, other);
		t.deepEqual(record.annotations, {a: '', b: 'c'});
	}
});

test('a manifest sent without a Content-Type is of the type that it says', t => {
	t.is(parse({mediaType: types.ociIndexType, manifests: []}, '').mediaType, types.ociIndexType);
	t.throws(() => parse({manifests: []}, ''), {code: 'MANIFEST_INVALID'});
});

function parse(document: object, mediaType: string): ManifestRecord {
	const bytes = Buffer.from(JSON.stringify(document));
	return parseManifest(bytes, mediaType, digestOf(bytes) satisfies Digest);
}
