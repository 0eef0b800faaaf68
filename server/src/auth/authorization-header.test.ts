import test from 'ava';
import * as fc from 'fast-check';
import {basicAuthorization, findCredentials} from './authorization-header.ts';

const encode = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

const wellFormed = [
	[`Basic ${encode('ann:secret')}`, {scheme: 'basic', name: 'ann', password: 'secret'}],
	[`basic ${encode('ann:secret')}`, {scheme: 'basic', name: 'ann', password: 'secret'}],
	[`BASIC   ${encode('ann:secret')}  `, {scheme: 'basic', name: 'ann', password: 'secret'}],
	[`Basic ${encode('ann:a:b:')}`, {scheme: 'basic', name: 'ann', password: 'a:b:'}],
	[`Basic ${encode(':')}`, {scheme: 'basic', name: '', password: ''}],
	[`Basic ${encode('änn:pässwörd€')}`, {scheme: 'basic', name: 'änn', password: 'pässwörd€'}],
	[`Basic ${encode('ann:secret').replaceAll('=', '')}`, {scheme: 'basic', name: 'ann', password: 'secret'}],
	['Bearer abc.def-_~+/==', {scheme: 'bearer', token: 'abc.def-_~+/=='}],
	['bEARER abc', {scheme: 'bearer', token: 'abc'}],
] as const;

for (const [header, credentials] of wellFormed) {
	test(`"${header}" is understood`, t => {
		t.deepEqual(findCredentials(header), credentials);
	});
}

const malformed = [
	'',
	' ',
	'Basic',
	'Basic ',
	'Bearer',
	'Bearer ',
	'Bearer a b',
	'Bearer\tabc',
	'Basic !!!!',
	`Basic ${encode('no colon')}`,
	`Basic ${encode('ann:nul\0')}`,
	`Basic ${encode('ann\r\n:x')}`,
	`Basic ${encode(Uint8Array.of(0xff, 0x3a, 0xfe))}`,
	`Basic ${encode('ann:x')}, Bearer abc`,
	'Digest username="ann"',
	'Negotiate YII=',
	encode('ann:secret'),
];

for (const header of malformed) {
	test(`"${JSON.stringify(header)}" is malformed`, t => {
		t.is(findCredentials(header), undefined);
	});
}

test('no header whatsoever makes the parser throw', t => {
	const scheme = fc.constantFrom('Basic ', 'Bearer ', 'basic', '');
	const rest = fc.oneof(fc.string({unit: 'binary'}), fc.base64String(), fc.uint8Array().map(encode));
	fc.assert(
		fc.property(scheme, rest, (scheme, rest) => {
			findCredentials(scheme + rest);
		}),
		{numRuns: 2000},
	);
	t.pass();
});

test('what basicAuthorization writes is read back', t => {
	const printable = fc.string({unit: 'grapheme'}).filter(text => !/\p{Cc}|\p{Cs}/u.test(text));
	fc.assert(
		fc.property(printable, printable, (text, password) => {
			const name = text.replaceAll(':', '');
			t.deepEqual(findCredentials(basicAuthorization(name, password)), {scheme: 'basic', name, password});
		}),
	);
});
