import test from 'ava';
import {optionTable, withOptionTable} from './option-table.ts';

const schema = {
	type: 'object',
	required: ['bucket', 'credentials'],
	properties: {
		bucket: {type: 'string', description: 'Where objects go.'},
		class: {anyOf: [{const: 'hot'}, {const: 'cold'}], default: 'hot', description: 'One of a|b.'},
		hosts: {type: 'array', items: {type: 'string'}, default: []},
		credentials: {
			type: 'object',
			required: ['secret'],
			properties: {secret: {type: 'string', writeOnly: true, description: 'The key.'}},
		},
	},
};

test('a table has a row for every option, with type, default and meaning', t => {
	t.deepEqual(optionTable(schema).split('\n'), [
		'| Option               | Type                | Default  | Meaning                         |',
		'| -------------------- | ------------------- | -------- | ------------------------------- |',
		'| `bucket`             | string              | required | Where objects go.               |',
		'| `class`              | `"hot"` or `"cold"` | `"hot"`  | One of a\\|b.                    |',
		'| `hosts`              | list of string      | `[]`     |                                 |',
		'| `credentials.secret` | string              | required | The key. Secret: shown nowhere. |',
	]);
});

test('the table of a text is made anew between its marks', t => {
	const text =
		'before\n\n<!-- options: made from the schema, see optionTable -->\nstale text\n<!-- /options -->\n\nafter\n';
	const made = withOptionTable(text, schema);
	t.true(made.startsWith('before\n\n<!-- options'));
	t.true(made.endsWith('<!-- /options -->\n\nafter\n'));
	t.true(made.includes(optionTable(schema)));
	t.false(made.includes('stale'));
	t.is(withOptionTable(made, schema), made);
});

test('a text without marks is refused', t => {
	t.throws(() => withOptionTable('nothing here', schema), {message: /no lines/});
});
