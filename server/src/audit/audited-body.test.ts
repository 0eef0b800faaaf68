import test from 'ava';
import {Type} from 'typebox';
import {auditedBody} from './audited-body.ts';

const schema = {...Type.Object({code: Type.String({writeOnly: true})}, {additionalProperties: true})};

test('what the schema marks, what is called like a secret, and users in addresses are masked', t => {
	const body = {
		code: 'geheim',
		key: 'docker-hub',
		url: 'https://user:geheim@registry.example/v2/',
		password: 'geheim',
		inner: [{clientSecret: 'geheim', refresh_token: 'geheim', accountKey: 'geheim', tokenId: 'id'}],
		passwordExpired: true,
		authorization: null,
	};
	t.deepEqual(auditedBody(schema, body), {
		code: '***',
		key: 'docker-hub',
		url: 'https://***@registry.example/v2/',
		password: '***',
		inner: [{clientSecret: '***', refresh_token: '***', accountKey: '***', tokenId: 'id'}],
		passwordExpired: true,
		authorization: null,
	});
});

test('of what is long only the names of fields are told, or how many entries there are', t => {
	for (const length of [5000, 50_000]) {
		t.deepEqual(auditedBody(schema, {text: 'x'.repeat(length), other: 1}), {fields: ['text', 'other']});
	}
	t.deepEqual(
		auditedBody(
			schema,
			Array.from({length: 2000}, (_, index) => index),
		),
		{entries: 2000},
	);
});

test('what is no object is not told', t => {
	for (const body of ['text', undefined, null, 1]) {
		t.is(auditedBody(schema, body), undefined);
	}
});
