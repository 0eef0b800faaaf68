import test from 'ava';
import {parseChallenge} from './bearer-challenge.ts';

const bearer = {scheme: 'bearer', realm: 'https://auth.example/token', service: undefined, scope: undefined} as const;

test('a challenge says where to get a token, and for what', t => {
	t.deepEqual(
		parseChallenge('Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push"'),
		{...bearer, service: 'reg', scope: 'repository:a/b:pull,push'},
	);
	t.deepEqual(parseChallenge('bearer  realm="https://auth.example/token"'), bearer);
	t.deepEqual(parseChallenge('BEARER service=reg, realm=https://auth.example/token'), {...bearer, service: 'reg'});
	t.deepEqual(parseChallenge('Basic realm="x", Bearer realm="https://auth.example/token"'), bearer);
	t.deepEqual(parseChallenge('Bearer error="insufficient_scope",realm="https://auth.example/token",scope=""'), {
		...bearer,
		scope: '',
	});
});

test('a challenge may want a password', t => {
	t.deepEqual(parseChallenge('Basic realm="Registry Realm"'), {scheme: 'basic'});
	t.deepEqual(parseChallenge('Negotiate, Basic realm="x"'), {scheme: 'basic'});
});

test('what is no challenge is none', t => {
	for (const header of [
		undefined,
		'',
		'Bearer',
		'Bearer service="x"',
		'Digest realm="x"',
		`Bearer ${'x'.repeat(5_000)}`,
	]) {
		t.is(parseChallenge(header), undefined, header);
	}
});
