import test from 'ava';
import {digestOf} from '../../oci/digest.ts';
import {dockerManifestListType, ociIndexType, ociManifestType} from '../../oci/media-types.ts';
import {parseTagName} from '../../oci/tag-name.ts';
import {platformTags} from './platform-tags.ts';

const digest = (text: string) => digestOf(Buffer.from(text));

function indexOf(entries: readonly unknown[], mediaType = ociIndexType) {
	const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests: entries}));
	return {mediaType, bytes, digest: digestOf(bytes)};
}

function entry(name: string, platform?: object) {
	return {mediaType: ociManifestType, digest: digest(name), size: 1, platform};
}

test('each entry of an index gets a tag that says what it runs on', t => {
	const entries = [
		entry('amd', {os: 'linux', architecture: 'amd64'}),
		entry('arm', {os: 'linux', architecture: 'arm', variant: 'v7'}),
		entry('win', {os: 'windows', architecture: 'amd64', 'os.version': '10.0.1'}),
		entry('later win', {os: 'windows', architecture: 'amd64', 'os.version': '10.0.2'}),
	];
	for (const type of [ociIndexType, dockerManifestListType]) {
		t.deepEqual(platformTags(parseTagName('1.0'), indexOf(entries, type)), [
			{tag: parseTagName('1.0-linux-amd64'), digest: digest('amd')},
			{tag: parseTagName('1.0-linux-arm-v7'), digest: digest('arm')},
			{tag: parseTagName('1.0-windows-amd64'), digest: digest('win')},
		]);
	}
});

test('attestations, entries without a platform and odd ones get none', t => {
	const odd = [
		entry('attestation', {os: 'unknown', architecture: 'unknown'}),
		entry('artifact'),
		entry('half', {os: 'linux'}),
		entry('numbers', {os: 1, architecture: 2}),
		entry('not a tag', {os: 'li nux', architecture: 'amd64'}),
		{digest: 'nonsense', platform: {os: 'linux', architecture: 'amd64'}},
		null,
	];
	t.deepEqual(platformTags(parseTagName('1.0'), indexOf(odd)), []);
	t.deepEqual(platformTags(parseTagName('1.0'), {...indexOf([]), mediaType: ociManifestType}), []);
});

test('a name that would be too long is left out, and the others are there', t => {
	const tag = parseTagName('x'.repeat(115));
	const entries = [
		entry('fits', {os: 'linux', architecture: 'amd64'}),
		entry('too long', {os: 'linux', architecture: 'arm64', variant: 'v8'}),
	];
	t.deepEqual(
		platformTags(tag, indexOf(entries)).map(derived => derived.digest),
		[digest('fits')],
	);
});
