import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {ConfigError} from './config-error.ts';
import {makeFolder, plugin, small} from './fixtures/configuration-folder.ts';
import {readConfiguration} from './read-configuration.ts';

const wrong: readonly (readonly [title: string, yaml: string, ...problems: string[]])[] = [
	['an unknown key', 'listn: x\n', '4:1 listn: unknown key, did you mean "listen"?'],
	['an unknown key within', 'tokens:\n  lifetime: 3\n', '5:3 tokens.lifetime: unknown key'],
	['a key of no meaning', 'frobnicate: 1\n', '4:1 frobnicate: unknown key'],
	['a wrong type', 'tokens:\n  lifetimeSeconds: soon\n', '5:20 tokens.lifetimeSeconds: must be a whole number'],
	['a list for a mapping', 'tokens: [1]\n', '4:1 tokens: must be a mapping'],
	['a number out of range', 'stopWithinSeconds: -1\n', '4:20 stopWithinSeconds: must be >= 0'],
	['a word of a list', 'log: {level: loud}\n', '4:14 log.level: must be one of "debug", "info", "warn", "error"'],
	['an address', 'listen: localhost\n', '4:9 listen: must be host:port, such as 127.0.0.1:5000 or [::1]:5000'],
	['a port', 'listen: a:70000\n', '4:9 listen: must be host:port, such as 127.0.0.1:5000 or [::1]:5000'],
	[
		'a base URL with a path',
		'baseUrl: https://a/b\n',
		'4:10 baseUrl: has not the right form: What clients type, where it cannot be told from the request: `https://registry.example`.',
	],
	[
		'a range of addresses',
		'trustedProxies:\n  - 10.0.0.0/8\n  - 10.0.0.0/99\n',
		'6:5 trustedProxies.1: must be an address or a range such as 10.0.0.0/8',
	],
	['a missing key', 'tls:\n  key: k\n', '4:1 tls.certificate: is missing'],
	[
		'a database without what it needs',
		'database:\n  client: mysql\n  host: h\n',
		'4:1 database.user: is missing',
		'4:1 database.database: is missing',
	],
	[
		'a database of a kind unknown',
		'database: {client: oracle}\n',
		'4:20 database.client: must be one of "sqlite", "mysql"',
	],
	['a setting of the other database', 'database:\n  client: sqlite\n  host: h\n', '6:3 database.host: unknown key'],
	[
		'a binding to nothing',
		'bindings:\n  - repositories: {v2: a}\n',
		'5:5 bindings.0: must have either a host or a port',
	],
	[
		'a binding to the main port',
		'bindings:\n  - {port: 5000, repositories: {v2: a}}\n',
		'5:12 bindings.0.port: is the port of "listen"; bind another one',
	],
	[
		'a host bound twice',
		'bindings:\n  - {host: A.example, repositories: {v2: a}}\n  - {host: a.example, repositories: {v2: b}}\n',
		'6:5 bindings.1: a.example is bound already',
	],
	[
		'a host with a scheme',
		'bindings:\n  - {host: "https://a", repositories: {v2: a}}\n',
		'5:12 bindings.0.host: must be a host name without scheme, port or path, such as docker.example',
	],
	[
		'a binding to a protocol that nobody speaks',
		'bindings:\n  - {host: a.example, repositories: {v2: a, v9: b}}\n',
		'5:45 bindings.0.repositories.v9: no plugin speaks this; spoken are v2',
	],
	[
		'a retention rule that removes everything',
		'retention:\n  rules: [{name: a, action: keep}, {name: b, action: remove}]\n',
		'5:36 retention.rules.1: would remove everything: say what of it',
	],
	[
		'a variable that is not set',
		'baseUrl: https://${DOMAIN}\n',
		'4:10 environment variable DOMAIN is not set; write ${DOMAIN:-...} to give a default',
	],
	[
		'a variable that is none',
		'baseUrl: ${DOM-AIN}\n',
		'4:10 "${...}" takes a name of letters, digits and "_", and a default as in ${NAME:-default}; write $${ for a literal ${',
	],
	['text that is a truth value only elsewhere', 'anonymousRead: yes\n', '4:16 anonymousRead: must be true or false'],
];

for (const [title, yaml, ...expected] of wrong) {
	test(`${title} is told with its line`, async t => {
		const {problems} = await makeFolder(t);
		t.deepEqual(await problems(small + yaml), expected);
	});
}

test('what a part means is told, whatever is wrong with others', async t => {
	const {problems} = await makeFolder(t);
	const yaml = `listn: 1
plugins: [./plugin.js]
storages: {default: {driver: box, options: {root: /srv}}}
trustedProxies: [300.1.1.1, 7]
bootstrap: {repositories: {x: {type: nope, storage: nix}, y: {type: shelf, storage: []}}}
listen: "127.0.0.1:99999"
subdomainsOf: [a/b]
bindings:
  - {port: 5001, repositories: {v2: a}}
  - {port: 5001, repositories: {v2: b}}
  - {repositories: {v9: c}}
  - {prt: 5001, repositories: {v2: a}}
retention: {intervalMinutes: often, rules: [{name: a, action: remove}, 3]}
`;
	t.deepEqual(await problems(yaml), [
		'1:1 listn: unknown key, did you mean "listen"?',
		'4:18 trustedProxies.0: must be an address or a range such as 10.0.0.0/8',
		'4:29 trustedProxies.1: must be text',
		'5:38 bootstrap.repositories.x.type: no plugin offers this; offered are shelf',
		'5:53 bootstrap.repositories.x.storage: there is no storage "nix"',
		'5:76 bootstrap.repositories.y.storage: must be text',
		'6:9 listen: must be host:port, such as 127.0.0.1:5000 or [::1]:5000',
		'7:16 subdomainsOf.0: must be a host name without scheme, port or path, such as docker.example',
		'10:5 bindings.1: 5001 is bound already',
		'11:5 bindings.2: must have either a host or a port',
		'11:21 bindings.2.repositories.v9: no plugin speaks this; spoken are v2',
		'12:6 bindings.3.prt: unknown key, did you mean "port"?',
		'13:30 retention.intervalMinutes: must be a whole number',
		'13:45 retention.rules.0: would remove everything: say what of it',
		'13:72 retention.rules.1: must be a mapping',
	]);
});

test('what lacks a variable is not blamed for what it means without', async t => {
	const {problems} = await makeFolder(t);
	const missing = 'environment variable HOST is not set; write ${HOST:-...} to give a default';
	t.deepEqual(await problems(`${small}listen: "\${HOST}:5000"\ntrustedProxies: ["\${HOST}"]\n`), [
		`4:9 ${missing}`,
		`5:18 ${missing}`,
	]);
});

test('protocols that a plugin does not name beforehand may be bound', async t => {
	const {folder, read} = await makeFolder(t);
	await writeFile(join(folder, 'talks.js'), `export default {name: 'talks', api: 1, setup: async () => undefined};`);
	const yaml = small.replace('./plugin.js', './plugin.js, ./talks.js');
	await t.notThrowsAsync(read(`${yaml}bindings: [{port: 1, repositories: {v9: a}}]\n`));
});

test('certificates must be there for a server, and for nobody else', async t => {
	const {folder, read, problems} = await makeFolder(t);
	const yaml = `${small}tls:\n  certificate: no.crt\n  key: no.key\n`;
	await t.notThrowsAsync(read(yaml));
	const missing = (file: string) => `cannot be read: ENOENT: no such file or directory, open '${join(folder, file)}'`;
	t.deepEqual(await problems(yaml, {serving: true}), [
		`5:16 tls.certificate: ${missing('no.crt')}`,
		`6:8 tls.key: ${missing('no.key')}`,
	]);
	const pairs = fileURLToPath(new URL('../process/fixtures/', import.meta.url));
	const pair = (certificate: string, key: string) =>
		`${small}tls:\n  certificate: ${pairs}${certificate}.crt\n  key: ${pairs}${key}.key\n`;
	const [mixed = '', ...others] = await problems(pair('first', 'second'), {serving: true});
	t.regex(mixed, /^4:1 tls: the certificate and the key cannot be used together: /);
	t.deepEqual(others, []);
	await t.notThrowsAsync(read(pair('first', 'first'), {serving: true}));
});

test('problems of what plugins offer are told with their lines', async t => {
	const {problems} = await makeFolder(t);
	const yaml = `plugins:
  - name: ./plugin.js
    options: {greting: hi}
storages:
  default:
    driver: bx
  other:
    driver: box
    options:
      depth: two
      rot: /srv
  third: {driver: else}
bootstrap:
  repositories:
    a: {type: shelf, storage: defalt}
    b: {type: local}
`;
	t.deepEqual(await problems(yaml), [
		'3:15 plugins.0.options.greting: unknown key, did you mean "greeting"?',
		'6:13 storages.default.driver: no plugin offers this, did you mean "box"?',
		'9:5 storages.other.options.root: is missing',
		'10:14 storages.other.options.depth: must be a whole number',
		'11:7 storages.other.options.rot: unknown key, did you mean "root"?',
		'12:19 storages.third.driver: no plugin offers this; offered are box',
		'15:31 bootstrap.repositories.a.storage: there is no storage "defalt", did you mean "default"?',
		'16:15 bootstrap.repositories.b.type: no plugin offers this; offered are shelf',
	]);
});

test('a plugin that cannot be loaded does not make its drivers a problem too', async t => {
	const {folder, problems} = await makeFolder(t);
	t.deepEqual(await problems('plugins:\n  - ./nowhere.js\nlog: 3\nstorages: {default: {driver: far}}\n'), [
		`2:5 plugins.0.name: plugin "./nowhere.js" is not there: no file ${join(folder, 'nowhere.js')}`,
		'3:6 log: must be a mapping',
	]);
});

test('two plugins that offer one word are told', async t => {
	const {folder, problems} = await makeFolder(t);
	await writeFile(join(folder, 'other.js'), plugin.replace("'example'", "'other'"));
	t.deepEqual(await problems(small.replace('./plugin.js', './plugin.js, ./other.js')), [
		'1:24 plugins.1.name: plugin "other" offers the driver "box", which "example" offers already; use one of them',
		'1:24 plugins.1.name: plugin "other" offers the repository type "shelf", which "example" offers already; use one of them',
	]);
});

test('values that may be secret are never shown', async t => {
	const {problems} = await makeFolder(t);
	const yaml = `plugins: [./plugin.js]
bootstrap: {repositories: {}}
database: {client: mysql, host: h, user: u, database: d, password: [geheim]}
storages: {default: {driver: box, options: {root: /srv, key: geheim123}}}
`;
	const told = (await problems(yaml)).join('\n');
	t.regex(told, /database\.password: must be text/);
	t.regex(told, /storages\.default\.options\.key/);
	t.notRegex(told, /geheim/);
});

test('a problem on the command line names the option', async t => {
	const {problems} = await makeFolder(t);
	const address = 'must be host:port, such as 127.0.0.1:5000 or [::1]:5000';
	t.deepEqual(await problems(small, {listen: 'here'}), [`--listen: ${address}`]);
	t.deepEqual(await problems(small, {environment: {STOWAGE_LISTEN: 'here'}}), [`STOWAGE_LISTEN: ${address}`]);
});

test('broken YAML is told with its line, and nothing else is said then', async t => {
	const {problems} = await makeFolder(t);
	const [first, ...others] = await problems('plugins:\n  - a\n b: [\n');
	t.regex(first ?? '', /^\d+:\d+ /);
	t.false(others.some(problem => problem.includes('missing')));
	t.regex((await problems(`${small}log: {}\nlog: {}\n`)).join(), /5:1 .*unique/);
});

test('aliases of aliases without end are refused', async t => {
	const {problems} = await makeFolder(t);
	const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
	for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map(pair => pair.split(''))) {
		lines.push(`${name}: &${name} [${Array.from({length: 10}, () => `*${before}`).join()}]`);
	}
	t.regex((await problems(lines.join('\n'))).join(), /alias/i);
});

test('a file that is not there is told', async t => {
	const {folder} = await makeFolder(t);
	const request = {file: 'none.yaml', environment: {}, workingFolder: folder};
	await t.throwsAsync(readConfiguration(request), {instanceOf: ConfigError, message: /none\.yaml: cannot be read/});
});

test('text for a whole file is told', async t => {
	const {problems} = await makeFolder(t);
	t.deepEqual((await problems('- a\n- b\n'))[0], '1:1 must be a mapping of settings');
});
