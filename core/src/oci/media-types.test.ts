import test from 'ava';
import {findManifestKind, isForeignLayer, isMediaType, knownLayerTypes, mediaTypeOf} from './media-types.ts';

const contentTypes: Readonly<Record<string, string>> = {
	'application/vnd.oci.image.index.v1+json': 'application/vnd.oci.image.index.v1+json',
	'application/vnd.oci.image.index.v1+json; charset=utf-8': 'application/vnd.oci.image.index.v1+json',
	'application/vnd.oci.image.index.v1+json;charset=utf-8;x=";"': 'application/vnd.oci.image.index.v1+json',
	'  text/plain ; q=1': 'text/plain',
	'application/vnd.Example+json': 'application/vnd.Example+json',
	'': '',
	';': '',
};

for (const [header, expected] of Object.entries(contentTypes)) {
	test(`the media type of ${JSON.stringify(header)} is ${JSON.stringify(expected)}`, t => {
		t.is(mediaTypeOf(header), expected);
	});
}

test('foreign layers are those of the types for them, whatever their compression', t => {
	const foreign = [
		'application/vnd.oci.image.layer.nondistributable.v1.tar',
		'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
		'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
		'application/vnd.docker.image.rootfs.foreign.diff.tar',
		'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
	];
	for (const type of foreign) {
		t.true(isForeignLayer(type), type);
	}
	for (const type of [...knownLayerTypes, 'application/vnd.oci.image.layer.nondistributable.v1.tarball', '']) {
		t.false(isForeignLayer(type), type);
	}
});

test('only known manifest types have a kind', t => {
	t.is(findManifestKind('application/vnd.oci.image.index.v1+json'), 'index');
	t.is(findManifestKind('application/vnd.docker.distribution.manifest.v2+json'), 'image');
	t.is(findManifestKind('application/vnd.docker.distribution.manifest.v1+prettyjws'), 'schema1');
	for (const type of ['', 'constructor', '__proto__', 'application/json', 'application/vnd.OCI.image.index.v1+json']) {
		t.is(findManifestKind(type), undefined, type);
	}
});

test('a media type has a type and a subtype of the characters of RFC 6838', t => {
	for (const type of ['a/b', 'application/vnd.oci.image.layer.v1.tar+gzip', `a/${'b'.repeat(127)}`]) {
		t.true(isMediaType(type), type);
	}
	for (const type of ['', 'a', 'a/', '/b', 'a/b/c', 'a /b', 'a/b;c', 'a/b\n', '.a/b', '*/*', `a/${'b'.repeat(128)}`]) {
		t.false(isMediaType(type), type);
	}
});
