import test from 'ava';
import {Type} from 'typebox';
import {maskSecrets} from './mask-secrets.ts';
import {OptionsError, OptionsValidator} from './options-validator.ts';

const schema = {
	...Type.Object({
		path: Type.String(),
		level: Type.Integer({default: 3, minimum: 1}),
		mode: Type.Optional(Type.Union([Type.Literal('fast'), Type.Literal('safe')])),
		url: Type.Optional(Type.String({format: 'uri'})),
		account: Type.Optional(
			Type.Object({name: Type.String(), secret: Type.String({writeOnly: true}), keep: Type.Boolean({default: true})}),
		),
		keys: Type.Optional(Type.Array(Type.Object({id: Type.String(), value: Type.String({writeOnly: true})}))),
	}),
};

test('defaults are filled in at any depth, and the result is frozen at any depth', t => {
	const given = {path: '/data', account: {name: 'ann', secret: 's'}};
	const {options} = new OptionsValidator().check(schema, given);
	t.deepEqual(options, {path: '/data', level: 3, account: {name: 'ann', secret: 's', keep: true}});
	t.true(Object.isFrozen(options));
	t.true(Object.isFrozen((options as typeof given).account));
	t.deepEqual(given, {path: '/data', account: {name: 'ann', secret: 's'}});
});

test('a schema that is wrong is refused', t => {
	const wrong = [{type: 'strnig'}, {required: 'a'}, {type: 'string', minLength: '3'}, {minimun: 3}, {pattern: '('}];
	for (const option of wrong) {
		const wrongSchema = {type: 'object', properties: {option}} as object as typeof schema;
		t.throws(() => new OptionsValidator().check(wrongSchema, {option: 'x'}), undefined, JSON.stringify(option));
	}
});

test('all problems are told at once, each with its path', t => {
	const given = {level: 0, lavel: 2, url: 'not a url', account: {name: 1, secret: 's', 'a/b': 1}};
	const {problems = []} = new OptionsValidator().check(schema, given);
	t.deepEqual(problems.map(({path}) => path).toSorted(), [
		'/account/a~1b',
		'/account/name',
		'/lavel',
		'/level',
		'/path',
		'/url',
	]);
	t.is(problems.find(({path}) => path === '/path')?.message, 'is missing');
	t.is(problems.find(({path}) => path === '/lavel')?.message, 'there is no such option');
});

test('an object that allows other properties has them', t => {
	const open = {type: 'object', properties: {labels: {type: 'object', additionalProperties: {type: 'string'}}}};
	const validator = new OptionsValidator();
	t.deepEqual(validator.check(open, {labels: {a: 'b'}}).options, {labels: {a: 'b'}});
	t.is(validator.check(open, {labels: {a: 1}}).problems?.[0]?.path, '/labels/a');
});

test('properties that allOf adds are known', t => {
	const joined = {
		type: 'object',
		properties: {a: {type: 'string'}},
		allOf: [{type: 'object', properties: {b: {type: 'string'}}}],
	};
	const validator = new OptionsValidator();
	t.deepEqual(validator.check(joined, {a: '1', b: '2'}).options, {a: '1', b: '2'});
	t.is(validator.check(joined, {c: '3'}).problems?.[0]?.path, '/c');
});

test('names that every object has are no options', t => {
	const given = JSON.parse('{"path": "/data", "__proto__": {"level": 9}, "constructor": 1}') as object;
	t.truthy(new OptionsValidator().check(schema, given).problems);
});

test('completing what does not fit throws with every problem', t => {
	const error = t.throws(() => new OptionsValidator().complete(schema, {level: 0}), {instanceOf: OptionsError});
	t.is(error?.problems.length, 2);
	t.deepEqual(new OptionsValidator().complete(schema, {path: '/'}), {path: '/', level: 3});
});

test('secrets are masked wherever the schema puts them, and nothing else is', t => {
	const options = {
		path: '/data',
		account: {name: 'ann', secret: 'hidden'},
		keys: [{id: '1', value: 'hidden'}],
		unknown: {secret: 'shown'},
	};
	t.deepEqual(maskSecrets(schema, options), {
		path: '/data',
		account: {name: 'ann', secret: '***'},
		keys: [{id: '1', value: '***'}],
		unknown: {secret: 'shown'},
	});
	t.is(options.account.secret, 'hidden');
});

test('secrets are masked behind unions, references, patterns and whole objects', t => {
	const tricky = {
		type: 'object',
		$defs: {token: {type: 'string', writeOnly: true}},
		properties: {
			either: {oneOf: [{type: 'object', properties: {a: {writeOnly: true}}}, {type: 'null'}]},
			referred: {$ref: '#/$defs/token'},
			whole: {type: 'object', writeOnly: true},
		},
		patternProperties: {'^x-': {writeOnly: true}},
		additionalProperties: {type: 'object', properties: {deep: {writeOnly: true}}},
	};
	const options = {either: {a: 'h', b: 's'}, referred: 'h', whole: {any: 'h'}, 'x-1': 'h', other: {deep: 'h', d: 's'}};
	const text = JSON.stringify(maskSecrets(tricky, options));
	t.false(text.includes('"h"'));
	t.is(text.match(/"s"/g)?.length, 2);
});
