import test from 'ava';
import * as fc from 'fast-check';
import {findImageName, parseImageName} from './image-name.ts';
import {parseReference} from './reference.ts';
import {findTagName, parseTagName} from './tag-name.ts';

const names = [
	'a',
	'0',
	'library/alpine',
	'a/b/c/d',
	'a.b',
	'a_b',
	'a__b',
	'a-b',
	'a---b',
	'a.b-c_d/e__f',
	'a'.repeat(255),
];
const notNames = [
	'',
	'A',
	'a/',
	'/a',
	'a//b',
	'.',
	'..',
	'a/../b',
	'a/./b',
	'.a',
	'a.',
	'-a',
	'a-',
	'_a',
	'a_',
	'a___b',
	'a..b',
	'a.-b',
	'a b',
	'a:b',
	'a@b',
	'a%2fb',
	'a\\b',
	'a\n',
	'\na',
	'a\0',
	'ä',
	'a;b',
	'a?b',
	'_catalog',
	'a'.repeat(256),
];

for (const text of names) {
	test(`an image may be called ${text.slice(0, 40)}`, t => {
		t.is(text, parseImageName(text));
	});
}

for (const text of notNames) {
	test(`no image is called ${JSON.stringify(text.slice(0, 40))}`, t => {
		t.is(findImageName(text), undefined);
		t.throws(() => parseImageName(text), {code: 'NAME_INVALID'});
	});
}

for (const text of ['latest', 'v1', 'V1', '_', '1.0-rc.1_x', 'sha256-abc.sig', 'a'.repeat(128)]) {
	test(`a tag may be called ${text.slice(0, 40)}`, t => {
		t.is(text, parseTagName(text));
		t.is(`${parseReference(text).tag}`, text);
	});
}

for (const text of [
	'',
	'.',
	'..',
	'.a',
	'-a',
	'a/b',
	'a b',
	'a@b',
	'a+b',
	'a\n',
	'\r\na',
	'ä',
	'a%00',
	'a'.repeat(129),
]) {
	test(`no tag is called ${JSON.stringify(text.slice(0, 40))}`, t => {
		t.is(findTagName(text), undefined);
		t.throws(() => parseTagName(text), {code: 'TAG_INVALID'});
		t.throws(() => parseReference(text), {code: 'TAG_INVALID'});
	});
}

test('a reference with a colon is a digest', t => {
	const digest = `sha256:${'0'.repeat(64)}`;
	t.is(`${parseReference(digest).digest}`, digest);
	t.throws(() => parseReference('latest:latest'), {code: 'DIGEST_INVALID'});
});

test('names of the grammar are found, and take no time to refuse', t => {
	const name = fc.stringMatching(/^[a-z0-9]{1,9}([._-][a-z0-9]{1,9}){0,3}(\/[a-z0-9]{1,9}){0,3}$/);
	fc.assert(fc.property(name, text => findImageName(text) === text));
	const started = performance.now();
	t.is(findImageName(`${'a-'.repeat(127)}!`), undefined);
	t.is(findImageName(`${'a'.repeat(254)}!`), undefined);
	t.is(findImageName(`a${'-'.repeat(253)}`), undefined);
	t.true(performance.now() - started < 5_000);
});
