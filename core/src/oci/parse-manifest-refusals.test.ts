import test from 'ava';
import * as fc from 'fast-check';
import {digestOf} from './digest.ts';
import * as types from './media-types.ts';
import {maxDocumentDepth} from './parse-json-document.ts';
import {maxManifestReferences, parseManifest} from './parse-manifest.ts';
import {RegistryError} from './registry-error.ts';

const some = digestOf(Buffer.from('some'));
const descriptor = {mediaType: 'application/x', digest: some, size: 1};
const image = types.ociManifestType;
const index = types.ociIndexType;

// T05: what is not a JSON object.
const notDocuments: Readonly<Record<string, Buffer>> = {
	nothing: Buffer.alloc(0),
	'a number': Buffer.from('5'),
	'a list': Buffer.from('[]'),
	null: Buffer.from('null'),
	'a string': Buffer.from('"{}"'),
	'NaN as a value': Buffer.from('{"size": NaN}'),
	'two documents': Buffer.from('{}{}'),
	'a document cut short': Buffer.from('{"layers": ['),
	'a byte order mark': Buffer.from('\uFEFF{}'),
	'bytes that are not UTF-8': Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}')]),
	'a surrogate in UTF-8': Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
	'UTF-16': Buffer.from('{}', 'utf16le'),
	'lists in lists without end': Buffer.from(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
	'objects in objects without end': Buffer.from(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
	'openings that never close': Buffer.from('{"a":'.repeat(700_000)),
};

for (const [title, bytes] of Object.entries(notDocuments)) {
	test(`refused: ${title}`, t => {
		refuses(t, () => parseManifest(bytes, image, some));
	});
}

const ambiguous: Readonly<Record<string, [document: object, mediaType: string]>> = {
	'layers and manifests': [{layers: [], manifests: []}, 'application/vnd.example+json'],
	'layers and manifests sent as an image': [{layers: [], manifests: []}, image],
	'layers and manifests sent as an index': [{layers: [descriptor], manifests: [descriptor]}, index],
	'config and manifests': [{config: descriptor, manifests: []}, 'application/vnd.example+json'],
	'config sent as an index': [{config: descriptor}, index],
	'manifests sent as an image': [{manifests: []}, types.dockerManifestType],
	'fsLayers and layers': [{schemaVersion: 2, fsLayers: [], layers: []}, 'application/vnd.example+json'],
	'fsLayers sent as an image': [{fsLayers: []}, image],
	'layers sent as schema 1': [{schemaVersion: 1, layers: []}, types.dockerSchema1Type],
	'blobs and manifests': [{blobs: [], manifests: []}, 'application/vnd.example+json'],
	'manifests in capitals beside layers': [{layers: [], Manifests: []}, image],
	'manifests with a long s beside layers': [{layers: [], 'manife\u017Fts': []}, image],
	'an index within an image type': [{mediaType: index, manifests: []}, image],
	'an OCI document sent as a Docker one': [
		{mediaType: image, config: descriptor, layers: []},
		types.dockerManifestType,
	],
	'a media type with parameters in the body': [{mediaType: `${image}; charset=utf-8`, layers: []}, image],
};

// T10: a document that two readers could take for two things.
for (const [title, [document, mediaType]] of Object.entries(ambiguous)) {
	test(`refused: ${title}`, t => {
		refuses(t, () => parse(document, mediaType));
	});
}

// T06, T11: numbers, digests and other values.
const wrongValues: Readonly<Record<string, object>> = {
	'a negative size': {layers: [{...descriptor, size: -1}]},
	'a size with a fraction': {layers: [{...descriptor, size: 1.5}]},
	'a size in words': {layers: [{...descriptor, size: '1'}]},
	'a size of 2^53': {layers: [{...descriptor, size: 2 ** 53}]},
	'a size beyond all numbers': {layers: [{...descriptor, size: 'SIZE'}]},
	'no size': {layers: [{digest: some}]},
	'a size of null': {config: {...descriptor, size: null}},
	'a digest in capitals': {layers: [{...descriptor, digest: some.toUpperCase()}]},
	'a digest with capital hex': {layers: [{...descriptor, digest: `sha256:${'A'.repeat(64)}`}]},
	'a digest that is short': {layers: [{...descriptor, digest: some.slice(0, -1)}]},
	'a digest with a path': {layers: [{...descriptor, digest: 'sha256:../../etc/passwd'}]},
	'a digest of an unknown algorithm': {layers: [{...descriptor, digest: `md5:${'a'.repeat(32)}`}]},
	'a digest that is an object': {layers: [{...descriptor, digest: {toString: 'x'}}]},
	'a digest of the prototype': {layers: [{...descriptor, digest: `constructor:${'a'.repeat(64)}`}]},
	'a layer that is a string': {layers: ['sha256']},
	'a layer that is null': {layers: [null]},
	'a layer that is a list': {layers: [[]]},
	'layers that are an object': {layers: {0: descriptor}},
	'a config that is a string': {config: 'x'},
	'a subject without size': {subject: {digest: some}},
	'a subject that is a digest': {subject: some},
	'annotations that are a list': {annotations: ['a']},
	'an annotation that is a number': {annotations: {a: 1}},
	'an annotation that is null': {annotations: {a: null}},
	'an annotation of a layer that is an object': {layers: [{...descriptor, annotations: {a: {}}}]},
	'a schemaVersion in words': {schemaVersion: '2'},
	'a schemaVersion with a fraction': {schemaVersion: 2.5},
	'the schemaVersion of another kind': {schemaVersion: 1},
	'a schemaVersion of null': {schemaVersion: null},
	'a mediaType that is a number': {mediaType: 5},
	'an artifactType that is an object': {artifactType: {}},
	'an artifactType with a line break': {artifactType: 'a/b\r\nX: y'},
	'an artifactType without end': {artifactType: `a/${'b'.repeat(254)}`},
	'a media type of a layer that is a number': {layers: [{...descriptor, mediaType: 1}]},
};

for (const [title, document] of Object.entries(wrongValues)) {
	test(`refused: ${title}`, t => {
		const bytes = Buffer.from(JSON.stringify(document).replace('"SIZE"', '1e999'));
		refuses(t, () => parseManifest(bytes, image, some));
	});
}

for (const mediaType of ['json', 'a/b/c', 'a/b\r\nX: y', '/', 'application/', 'text/plain; charset=utf-8', 'ä/b']) {
	test(`refused: a manifest sent as ${JSON.stringify(mediaType)}`, t => {
		refuses(t, () => parse({}, mediaType));
	});
}

// T07.
test('a manifest may name as many things as the limit, and no more', t => {
	for (const [member, mediaType] of [
		['layers', image],
		['manifests', index],
	] as const) {
		const entries = (length: number) => ({[member]: Array.from({length}, () => ({digest: some, size: 1}))});
		t.is(parse(entries(maxManifestReferences), mediaType).references.length, maxManifestReferences);
		refuses(t, () => parse(entries(maxManifestReferences + 1), mediaType));
	}
});

test('a document may nest as deep as the limit, brackets in strings not counted', t => {
	t.is(parseManifest(nested(maxDocumentDepth), image, some).references.length, 0);
	refuses(t, () => parseManifest(nested(maxDocumentDepth + 1), image, some));
	const inStrings = {a: '['.repeat(500), b: `\\"${'{'.repeat(500)}`, ['{'.repeat(500)]: '\\'};
	t.is(parse(inStrings, image).references.length, 0);
});

test('a million keys are read in bounded time', t => {
	const keys = Array.from({length: 400_000}, (_, key) => `"${key}":1`);
	const bytes = Buffer.from(`{${keys.join(',')}}`);
	const started = performance.now();
	t.is(parseManifest(bytes, image, some).references.length, 0);
	t.true(performance.now() - started < 30_000);
});

test('keys that mean something to JavaScript are keys like any other', t => {
	const text = `{"__proto__":{"layers":[{"bad":1}],"subject":5},"constructor":{"prototype":{"polluted":1}},
		"annotations":{"__proto__":"a","constructor":"b","toString":"c"},"toString":"x","hasOwnProperty":1}`;
	const record = parseManifest(Buffer.from(text), image, some);
	t.is(record.references.length, 0);
	t.is(record.subject, undefined);
	t.deepEqual(Object.entries(record.annotations ?? {}), [
		['__proto__', 'a'],
		['constructor', 'b'],
		['toString', 'c'],
	]);
	t.is(Object.getPrototypeOf(record.annotations), Object.prototype);
	t.is(({} as Record<string, unknown>)['polluted'], undefined);
});

test('of a key that comes twice the last counts, as clients have it', t => {
	const bytes = Buffer.from(`{"annotations":{"a":"1"},"annotations":{"a":"2"}}`);
	t.deepEqual(parseManifest(bytes, image, some).annotations, {a: '2'});
});

test('a lone surrogate that is escaped is kept', t => {
	t.is(
		parseManifest(Buffer.from(String.raw`{"annotations":{"a":"\ud800"}}`), image, some).annotations?.['a'],
		'\ud800',
	);
});

test('any JSON either is a manifest or is refused with the code for it', t => {
	const key = fc.constantFrom('layers', 'manifests', 'config', 'fsLayers', 'annotations', 'subject', 'mediaType', 'x');
	const value = fc.oneof(fc.jsonValue({maxDepth: 3}), fc.constant(descriptor), fc.array(fc.constant(descriptor)));
	const documents = fc.dictionary(key, value);
	const mediaTypes = fc.constantFrom(...types.knownManifestTypes, 'application/vnd.example+json', '');
	fc.assert(
		fc.property(documents, mediaTypes, (document, mediaType) => {
			try {
				parse(document, mediaType);
			} catch (error) {
				return error instanceof RegistryError && error.code === 'MANIFEST_INVALID';
			}
			return true;
		}),
		{numRuns: 500},
	);
	t.pass();
});

function parse(document: object, mediaType: string) {
	return parseManifest(Buffer.from(JSON.stringify(document)), mediaType, some);
}

function refuses(t: {throws: (act: () => unknown, expected: object) => unknown}, act: () => unknown): void {
	t.throws(act, {instanceOf: RegistryError, code: 'MANIFEST_INVALID'});
}

function nested(depth: number): Buffer {
	return Buffer.from(`{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`);
}
