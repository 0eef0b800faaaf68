import test from 'ava';
import {parseImageName} from '../../oci/image-name.ts';
import {ociManifestType, dockerSignedSchema1Type} from '../../oci/media-types.ts';
import {parseTagName} from '../../oci/tag-name.ts';
import {findByteSize} from './byte-size.ts';
import {checkRules, createRules} from './create-rules.ts';
import {type RuleOptions, serves} from './repository-rules.ts';

const inLibrary = (image: string) =>
	parseImageName(image.includes('/') ? image.replace('library/', '') : `library/${image}`);

const served: readonly (readonly [options: RuleOptions, image: string, serves: boolean])[] = [
	[{}, 'team/app', true],
	[{includesPattern: '**/*', excludesPattern: ''}, 'team/app', true],
	[{includesPattern: ''}, 'app', true],
	[{includesPattern: 'team/**, base/*'}, 'team/app/debug', true],
	[{includesPattern: 'team/**,base/*'}, 'base/alpine', true],
	[{includesPattern: 'team/**,base/*'}, 'base/alpine/edge', false],
	[{includesPattern: 'team/**'}, 'other/app', false],
	[{excludesPattern: '**/secret/**'}, 'team/secret/app', false],
	[{excludesPattern: '**/secret/**'}, 'team/app', true],
	[{includesPattern: '**', excludesPattern: 'team/app'}, 'team/app', false],
	[{blackedOut: true}, 'team/app', false],
	[{includesPattern: 'library/**', otherNameOf: inLibrary}, 'busybox', true],
	[{includesPattern: 'busybox', otherNameOf: inLibrary}, 'busybox', true],
	[{excludesPattern: 'library/**', otherNameOf: inLibrary}, 'busybox', false],
	[{excludesPattern: 'busybox', otherNameOf: inLibrary}, 'library/busybox', false],
	[{includesPattern: 'busybox', otherNameOf: inLibrary}, 'library/busybox', true],
	[{includesPattern: 'other/**', otherNameOf: inLibrary}, 'busybox', false],
];

for (const [options, image, expected] of served) {
	test(`${JSON.stringify(options)} ${expected ? 'has' : 'does not have'} ${image}`, t => {
		t.is(serves({rules: createRules(options)}, parseImageName(image)), expected);
	});
}

test('a repository that has any image has nothing to ask', t => {
	t.is(createRules({includesPattern: '**/*', excludesPattern: ' , '}).takes, undefined);
	t.deepEqual(createRules({}).writes, {});
	t.deepEqual(createRules({maxUniqueTags: 0, dockerTagRetention: 0, immutableTags: [], imageQuota: ''}).writes, {});
	t.deepEqual(checkRules({imageQuota: ''}), []);
});

test('options about what is pushed become rules', t => {
	const {writes} = createRules({
		maxUniqueTags: 3,
		dockerTagRetention: 2,
		blockPushingSchema1: true,
		immutableTags: ['v?.*', 'release-*'],
		repositoryQuota: '1GiB',
		imageQuota: 500_000_000,
	});
	t.like(writes, {maxUniqueTags: 3, tagRetention: 2, quota: {repository: 1_073_741_824, image: 500_000_000}});
	t.is(writes.immutableBy?.(parseTagName('v1.0')), 'v?.*');
	t.is(writes.immutableBy?.(parseTagName('release-9')), 'release-*');
	t.is(writes.immutableBy?.(parseTagName('latest')), undefined);
	t.true(writes.refusesType?.(dockerSignedSchema1Type));
	t.false(writes.refusesType?.(ociManifestType));
});

test('wrong options are told at the place where they are', t => {
	const problems = checkRules({
		includesPattern: 'team/**,../x',
		excludesPattern: '/',
		immutableTags: ['v*', 'a/b', '..'],
		repositoryQuota: 'much',
		imageQuota: '0.1',
	});
	t.deepEqual(
		problems.map(({path}) => path),
		['/includesPattern', '/excludesPattern', '/immutableTags/1', '/immutableTags/2', '/repositoryQuota', '/imageQuota'],
	);
	t.deepEqual(checkRules({includesPattern: 'a/**', immutableTags: ['v*'], imageQuota: '10 GiB'}), []);
});

for (const [text, bytes] of [
	['1', 1],
	['1024', 1024],
	['500MB', 500_000_000],
	['1.5 TB', 1_500_000_000_000],
	['10GiB', 10_737_418_240],
	['2g', 2_000_000_000],
	['1KiB', 1024],
	['', undefined],
	['0', undefined],
	['-1', undefined],
	['1 EB', undefined],
	['9007199254740993', undefined],
	['10i', undefined],
	['ten', undefined],
] as const) {
	test(`"${text}" is ${bytes ?? 'no'} bytes`, t => {
		t.is(findByteSize(text), bytes);
	});
}
