import {createTestHost, silentLogger} from '@stowage/testing';
import test, {type ExecutionContext} from 'ava';
import type {JobRegistrar} from '../jobs/job-registrar.ts';
import {memoryDriver} from '../storage/memory-driver.ts';
import type {MigrationRequest} from './migration-type.ts';
import {OptionsValidator} from './options-validator.ts';
import {PluginSet} from './plugin-set.ts';
import type {Plugin, PluginHost} from './plugin.ts';

function named(exported: unknown, options: object = {}) {
	return {named: './somewhere.js', exported, options};
}

function check(...plugins: readonly ReturnType<typeof named>[]) {
	return PluginSet.check(plugins, new OptionsValidator());
}

function messages(...plugins: readonly ReturnType<typeof named>[]): readonly string[] {
	return (check(...plugins).problems ?? []).map(({plugin, path, message}) => `${plugin}${path} ${message}`);
}

async function setUp(t: ExecutionContext, plugins: readonly Plugin[], withinMs = 20_000) {
	const host = await createTestHost();
	t.teardown(() => host.close());
	const jobNames: string[] = [];
	const jobs: JobRegistrar = {every: (_, name) => void jobNames.push(name)};
	const set = check(...plugins.map(plugin => named(plugin))).plugins!;
	const {repositories, events} = host;
	return {set, host, jobNames, done: set.setup({logger: silentLogger, jobs, repositories, events, withinMs})};
}

const plain: Plugin = {name: '@example/plain', api: 1};

function speaks(name: string, protocol: string): Plugin {
	return {
		...plain,
		name,
		setup: async host => host.protocol(protocol, () => undefined),
	};
}

test('the offers of all plugins are known by their words', t => {
	const set = check(named({...plain, storageDrivers: [memoryDriver]})).plugins;
	t.is(set?.storageDrivers.get('memory'), memoryDriver);
	t.is(set?.repositoryTypes.size, 0);
});

for (const [what, exported, message] of [
	['no default export', undefined, /is no plugin: its default export must be what definePlugin\(\) gives/],
	['a function', () => plain, /is no plugin/],
	['an older contract', {...plain, api: 0}, /API 0, and this server has 1; install a newer version of it/],
	['a newer contract', {...plain, api: 2}, /API 2, and this server has 1; update the server/],
	['no name', {api: 1}, /has no name/],
	['offers that are no list', {...plain, storageDrivers: {}}, /"storageDrivers" must be a list/],
	['a word in capitals', {...plain, repositoryTypes: [{type: 'Local'}]}, /"type" of repositoryTypes\[0\]/],
	['an authenticator without options', {...plain, authenticators: [{type: 'a'}]}, /"a" in its "authenticators"/],
	['an offer without create', {...plain, storageDrivers: [{type: 'a', options: {}}]}, /"a" in its "storageDrivers"/],
	['a migration that does nothing', {...plain, migrations: [{type: 'old'}]}, /"migrations" must be a list/],
	['protocols that are no words', {...plain, protocols: ['V 1']}, /"protocols" must be a list of lower-case words/],
	['a schema that is none', {...plain, options: {type: 'strange'}}, /"options" is no JSON Schema/],
] as const) {
	test(`a module with ${what} is refused with what to do`, t => {
		const [problem, ...others] = messages(named(exported));
		t.regex(problem ?? '', message);
		t.true(problem?.startsWith('./somewhere.js '));
		t.is(others.length, 0);
	});
}

test('a word that two plugins offer is refused and names both', t => {
	const one: Plugin = {...plain, name: 'one', storageDrivers: [memoryDriver]};
	const two: Plugin = {...plain, name: 'two', storageDrivers: [memoryDriver]};
	t.deepEqual(messages(named(one), named(two)), [
		'two offers the driver "memory", which "one" offers already; use one of them',
	]);
});

test('all problems of all plugins are told at once', t => {
	const options = {type: 'object', properties: {level: {type: 'integer'}}};
	const found = messages(named({...plain, options}, {level: 'high', other: 1}), named(undefined));
	t.deepEqual(found.length, 3);
});

test('a plugin is given its options with defaults, frozen', async t => {
	let given: object | undefined;
	const options = {type: 'object', properties: {level: {type: 'integer', default: 3}}};
	const plugin: Plugin = {
		...plain,
		options,
		async setup(_, options) {
			given = options;
		},
	};
	await (
		await setUp(t, [plugin])
	).done;
	t.deepEqual(given, {level: 3});
	t.true(Object.isFrozen(given));
});

test('a migration of a plugin is given the options of the plugin', async t => {
	const report = {tags: [], failed: [], layers: 0, bytes: 0};
	const given: unknown[] = [];
	const migrations = [
		{
			type: 'old',
			async migrate(request: MigrationRequest, options: object) {
				given.push(request, options);
				return report;
			},
		},
	];
	const options = {type: 'object', properties: {level: {type: 'integer', default: 3}}};
	const set = check(named({...plain, options, migrations})).plugins;
	const request = {} as MigrationRequest;
	t.is(await set?.migrations.get('old')?.(request), report);
	t.deepEqual(given, [request, {level: 3}]);
});

test('what a plugin adds is known after setup, and its jobs and log lines bear its name', async t => {
	const plugin: Plugin = {
		...plain,
		async setup(host) {
			host.protocol('v1', () => undefined);
			host.routes('/hello', () => undefined);
			host.jobs.every({minutes: 5}, 'tidy', async () => undefined);
		},
	};
	const {set, done, jobNames} = await setUp(t, [plugin]);
	await done;
	t.like(set.protocols, [{plugin: '@example/plain', name: 'v1'}]);
	t.like(set.routes, [{plugin: '@example/plain', prefix: '/hello'}]);
	t.deepEqual(jobNames, ['@example/plain: tidy']);
});

test('a plugin that says which protocols it adds adds no others', async t => {
	const good = await setUp(t, [{...speaks('good', 'v1'), protocols: ['v1', 'v9']}]);
	await t.notThrowsAsync(good.done);
	const {done} = await setUp(t, [{...speaks('bad', 'v1'), protocols: ['v9']}]);
	t.like(await t.throwsAsync(done), {
		code: 'PLUGIN_FAILED',
		message: 'plugin "bad" adds the protocol "v1", which is not among its "protocols"',
	});
});

test('a plugin whose setup does not end is named with the limit', async t => {
	const slow: Plugin = {...plain, name: 'slow', setup: () => new Promise(() => undefined)};
	const {done} = await setUp(t, [slow], 50);
	t.like(await t.throwsAsync(done), {
		code: 'PLUGIN_FAILED',
		message: 'plugin "slow" did not end its setup() within 0.05 s',
	});
});

test('a plugin whose setup fails is named with the reason', async t => {
	const failing: Plugin = {...plain, name: 'failing', setup: () => Promise.reject(new Error('no licence'))};
	const error = await t.throwsAsync((await setUp(t, [failing])).done);
	t.is(error?.message, 'plugin "failing" could not be set up: no licence');
});

test('calls after setup are refused', async t => {
	let kept: PluginHost | undefined;
	const plugin: Plugin = {
		...plain,
		async setup(host) {
			kept = host;
		},
	};
	await (
		await setUp(t, [plugin])
	).done;
	for (const call of [
		() => kept?.routes('/late', () => undefined),
		() => kept?.protocol('late', () => undefined),
		() => kept?.on('tag.deleted', () => undefined),
		() => kept?.onClose(async () => undefined),
		() => kept?.jobs.every({minutes: 1}, 'late', async () => undefined),
	]) {
		t.throws(call, {message: /after its setup\(\) had ended/});
	}
});

for (const [one, two] of [
	['/a', '/a'],
	['/a', '/a/b'],
	['/a/b', '/a'],
	['/free', '/v2/x'],
	['/free', '/api'],
	['/free', 'no-slash'],
	['/free', '/with/:parameter'],
] as const) {
	test(`routes below ${two} are refused beside those below ${one}`, async t => {
		const first: Plugin = {...plain, name: 'first', setup: async host => host.routes(one, () => undefined)};
		const second: Plugin = {
			...plain,
			name: 'second',
			setup: async host => host.routes(two as '/', () => undefined),
		};
		t.like(await t.throwsAsync((await setUp(t, [first, second])).done), {plugin: 'second'});
	});
}

test('prefixes that only look alike do not clash', async t => {
	const first: Plugin = {...plain, name: 'first', setup: async host => host.routes('/hook', () => undefined)};
	const second: Plugin = {...plain, name: 'second', setup: async host => host.routes('/hooks', () => undefined)};
	await t.notThrowsAsync((await setUp(t, [first, second])).done);
});

test('a protocol is spoken by one plugin, and never by another instead of the server', async t => {
	t.regex((await t.throwsAsync((await setUp(t, [speaks('a', 'v2')])).done))?.message ?? '', /the server/);
	const twice = await t.throwsAsync((await setUp(t, [speaks('a', 'v1'), speaks('b', 'v1')])).done);
	t.regex(twice?.message ?? '', /^plugin "b" .* of "a" already$/);
});

test('closing goes backwards, passes over errors and ends listening', async t => {
	const order: string[] = [];
	const closing = (name: string): Plugin => ({
		...plain,
		name,
		async setup(host) {
			host.on('tag.deleted', () => undefined);
			host.onClose(async () => void order.push(`${name} 1`));
			host.onClose(async () => {
				order.push(`${name} 2`);
				throw new Error('cannot close');
			});
		},
	});
	const {set, host, done} = await setUp(t, [closing('a'), closing('b')]);
	await done;
	t.true(host.events.wants('tag.deleted'));
	await set.close();
	t.deepEqual(order, ['b 2', 'b 1', 'a 2', 'a 1']);
	t.false(host.events.wants('tag.deleted'));
});
