import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {makeFolder, small} from './fixtures/configuration-folder.ts';
import {readConfiguration} from './read-configuration.ts';

test('without a file everything has its default, below the working folder', async t => {
	const {folder} = await makeFolder(t);
	const {configuration, plugins} = await readConfiguration({environment: {}, workingFolder: folder});
	t.is(configuration.data, join(folder, 'data'));
	t.is(configuration.listen, '127.0.0.1:5000');
	t.deepEqual(configuration.database, {client: 'sqlite', file: join(folder, 'data', 'stowage.sqlite')});
	t.deepEqual(Object.keys(configuration.storages), ['default']);
	t.is(configuration.storages['default']?.driver, 'filesystem');
	t.like(configuration.bootstrap.repositories, {
		'docker-local': {type: 'local', storage: 'default'},
		dockerhub: {type: 'remote', options: {url: 'https://registry-1.docker.io/'}},
		docker: {type: 'virtual', options: {defaultDeploymentRepo: 'docker-local'}},
	});
	const members = configuration.bootstrap.repositories['docker']?.options as {repositories: string[]} | undefined;
	t.deepEqual(members?.repositories, ['docker-local', 'dockerhub']);
	t.deepEqual(
		plugins.plugins.map(({name}) => name),
		['@stowage/filesystem', '@stowage/local', '@stowage/remote', '@stowage/virtual', '@stowage/v1-migration'],
	);
	t.is(configuration.tokens.lifetimeSeconds, 300);
	t.is(configuration.anonymousRead, false);
	t.true(Object.isFrozen(configuration.uploads));
});

test('plugins complete the options of what they offer', async t => {
	const {read} = await makeFolder(t);
	const {configuration} = await read(small);
	t.deepEqual(configuration.plugins, [{name: './plugin.js', options: {greeting: 'hello'}}]);
	t.deepEqual(configuration.storages['default']?.options, {root: '/srv', depth: 2, sync: true});
});

test('the command line wins over the environment, and that over the file', async t => {
	const {folder, read} = await makeFolder(t);
	const yaml = `${small}listen: 127.0.0.1:1\ndata: from-file\n`;
	const environment = {STOWAGE_LISTEN: '127.0.0.1:2', STOWAGE_DATA: 'from-environment'};
	t.like((await read(yaml)).configuration, {listen: '127.0.0.1:1', data: join(folder, 'from-file')});
	t.like((await read(yaml, {environment})).configuration, {
		listen: '127.0.0.1:2',
		data: join(folder, 'from-environment'),
	});
	const {configuration} = await read(yaml, {environment, listen: '[::1]:3', data: '/from-option'});
	t.like(configuration, {listen: '[::1]:3', data: '/from-option'});
});

test('STOWAGE_CONFIG names the file where no option does', async t => {
	const {folder, read} = await makeFolder(t);
	await read(`${small}anonymousRead: true\n`);
	const environment = {STOWAGE_CONFIG: join(folder, 'stowage.yaml')};
	const {configuration} = await readConfiguration({environment, workingFolder: tmpdir()});
	t.true(configuration.anonymousRead);
});

test('paths in the file are from its folder', async t => {
	const {folder, read} = await makeFolder(t);
	const {configuration} = await read(
		`${small}tls: {certificate: tls/cert.pem, key: /etc/key.pem}\ndatabase: {file: db/rows}\n`,
	);
	t.deepEqual(configuration.tls, {certificate: join(folder, 'tls/cert.pem'), key: '/etc/key.pem'});
	t.deepEqual(configuration.database, {client: 'sqlite', file: join(folder, 'db/rows')});
});

test('environment variables stand for text, numbers and truth values, quoted or not', async t => {
	const {read} = await makeFolder(t);
	const yaml = `plugins: [./plugin.js]
bootstrap: {repositories: {}}
anonymousRead: \${ANYBODY}
database: {client: mysql, host: "\${HOST}.example", port: '\${PORT:-3307}', user: u, password: '\${SECRET}', database: d}
storages: {default: {driver: box, options: {root: '$\${HOME}/\${ROOT:-x}', depth: '\${DEPTH}', sync: "\${SYNC}"}}}
# \${COMMENT} is none
`;
	const environment = {ANYBODY: 'true', HOST: 'db', SECRET: '0123', DEPTH: '3', SYNC: 'false', ROOT: ''};
	const {configuration} = await read(yaml, {environment});
	t.true(configuration.anonymousRead);
	t.like(configuration.database, {host: 'db.example', port: 3307, password: '0123'});
	t.deepEqual(configuration.storages['default']?.options, {root: '${HOME}/x', depth: 3, sync: false});
});

test('what the environment puts in is text, and never YAML', async t => {
	const {read} = await makeFolder(t);
	const yaml = `plugins: [./plugin.js]\nbootstrap: {repositories: {}}\nstorages: {default: {driver: box, options: {root: '$\{ROOT}'}}}\n`;
	const {configuration} = await read(yaml, {environment: {ROOT: 'a: {b: [${C}]}\n# d'}});
	t.like(configuration.storages['default']?.options, {root: 'a: {b: [${C}]}\n# d'});
});

test('a key whose lines are all commented out counts as not written', async t => {
	const {read} = await makeFolder(t);
	const {configuration} = await read(`${small}tokens:\n#  lifetimeSeconds: 5\nlog:\n`);
	t.is(configuration.tokens.lifetimeSeconds, 300);
	t.is(configuration.log.level, 'info');
});

test('a schema that an editor can use may be named in the file', async t => {
	const {read} = await makeFolder(t);
	await t.notThrowsAsync(read(`# yaml-language-server: $schema=schema.json\n${small}`));
});
