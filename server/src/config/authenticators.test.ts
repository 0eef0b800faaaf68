import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {makeFolder} from './fixtures/configuration-folder.ts';
import {fullSchema} from './full-schema.ts';

const plugin = `export default {
	name: 'doors',
	api: 1,
	authenticators: [{
		type: 'door',
		create: () => undefined,
		check: ({width}) => (width === 13 ? [{path: '/width', message: 'brings bad luck'}] : []),
		options: {
			type: 'object',
			required: ['key'],
			properties: {key: {type: 'string', writeOnly: true}, width: {type: 'integer', default: 80}},
		},
	}],
};
`;

const start = `plugins: [./plugin.js, ./doors.js]
storages: {default: {driver: box, options: {root: /srv}}}
bootstrap: {repositories: {}}
authenticators:
`;

async function makeWorld(t: ExecutionContext) {
	const world = await makeFolder(t);
	await writeFile(join(world.folder, 'doors.js'), plugin);
	return world;
}

test('authenticators keep their order, and are completed by their plugins and by us', async t => {
	const {read} = await makeWorld(t);
	const yaml = `${start}  - {name: front, type: door, groups: {a: b}, options: {key: x}}\n  - {name: back, type: door, options: {key: y, width: 70}}\n`;
	const {configuration, plugins} = await read(yaml);
	const usual = {createUsers: true, createGroups: false, outageSeconds: 0};
	t.deepEqual(configuration.authenticators, [
		{...usual, name: 'front', type: 'door', groups: {a: 'b'}, options: {key: 'x', width: 80}},
		{...usual, name: 'back', type: 'door', groups: {}, options: {key: 'y', width: 70}},
	]);
	t.is(plugins.authenticators.get('door')?.type, 'door');
	t.regex(JSON.stringify(fullSchema(plugins.plugins)), /"const":"door".*"writeOnly":true/);
});

test('problems of authenticators are told with their lines', async t => {
	const {problems} = await makeWorld(t);
	const yaml = `${start}  - {name: front, type: dor, options: {}}
  - {name: front, type: door, options: {kei: geheim}}
  - {name: internal, type: door, options: {key: x}, group: {}}
  - {type: door}
`;
	t.deepEqual(await problems(yaml), [
		'5:25 authenticators.0.type: no plugin offers this, did you mean "door"?',
		'6:12 authenticators.1.name: there is an authenticator "front" already',
		'6:31 authenticators.1.options.key: is missing',
		'6:41 authenticators.1.options.kei: unknown key, did you mean "key"?',
		'7:12 authenticators.2.name: is what users of the registry itself have as their realm',
		'7:53 authenticators.2.group: unknown key, did you mean "groups"?',
		'8:5 authenticators.3.name: is missing',
		'8:5 authenticators.3.options.key: is missing',
	]);
	const fits = `${start}  - {name: front, type: door, options: {key: x, width: 13}}\n`;
	t.deepEqual(await problems(fits), ['5:56 authenticators.0.options.width: brings bad luck']);
	const twice = `${start}  - {name: a, type: door, options: {key: x}}\n  - {name: a, type: door, options: {key: x}}\n`;
	t.deepEqual(await problems(twice), ['6:12 authenticators.1.name: there is an authenticator "a" already']);
	const own = `${start}  - {name: internal, type: door, options: {key: x}}\n`;
	t.regex((await problems(own))[0] ?? '', /users of the registry itself/);
});
