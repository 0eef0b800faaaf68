import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type Logger, OptionsValidator, PluginSet} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import local from '@stowage/local';
import virtual from '@stowage/virtual';
import test, {type ExecutionContext} from 'ava';
import {changePassword} from '../auth/change-password.ts';
import {prepareInitialAdmin} from '../auth/initial-admin.ts';
import type {BootstrapRepository} from '../config/configuration.ts';
import {silentLogger} from '../http/fixtures/start-app.ts';
import {bootstrapRepositories} from './bootstrap-repositories.ts';

/** A database with its first administrator, and what makes these repositories in it. */
async function makeWorld(t: ExecutionContext) {
	const metadata = await openMetadata({client: 'sqlite', file: ':memory:'});
	t.teardown(() => metadata.close());
	const data = await mkdtemp(join(tmpdir(), 'stowage-bootstrap-'));
	t.teardown(() => rm(data, {recursive: true}));
	await prepareInitialAdmin({metadata, data, password: 'correct horse battery'});
	const validator = new OptionsValidator();
	const named = [local, virtual].map(plugin => ({named: plugin.name, exported: plugin, options: {}}));
	const types = PluginSet.check(named, validator).plugins!.repositoryTypes;
	const warnings: object[] = [];
	const logger: Logger = {...silentLogger, warn: fields => warnings.push(fields)};
	const bootstrap = async (repositories: Readonly<Record<string, BootstrapRepository>>) => {
		await bootstrapRepositories({
			configuration: {bootstrap: {repositories}},
			metadata,
			logger,
			types,
			completeOptions: (schema, options) => validator.complete(schema, options),
		});
		return (await metadata.definitions.list()).toSorted((one, other) => one.id - other.id).map(({key}) => key);
	};
	return {metadata, warnings, bootstrap};
}

function made(type: string, options: object = {}): BootstrapRepository {
	return {type, storage: 'default', description: '', options};
}

const wanted = {
	dev: made('virtual', {repositories: ['dev-local', 'prod'], defaultDeploymentRepo: 'dev-local'}),
	prod: made('virtual', {repositories: ['prod-local']}),
	'dev-local': made('local'),
	'prod-local': made('local'),
};

test('what a repository is made of is made before it', async t => {
	const {bootstrap, warnings} = await makeWorld(t);
	t.deepEqual(await bootstrap(wanted), ['dev-local', 'prod-local', 'prod', 'dev']);
	t.deepEqual(warnings, []);
});

test('what exists is not changed, and what is missing is made', async t => {
	const {bootstrap, metadata} = await makeWorld(t);
	await bootstrap({prod: made('local')});
	t.deepEqual(await bootstrap(wanted), ['prod', 'dev-local', 'prod-local', 'dev']);
	t.like(await metadata.definitions.find('prod'), {type: 'local', version: 1});
	await bootstrap({...wanted, dev: made('virtual', {repositories: []})});
	t.like(await metadata.definitions.find('dev'), {version: 1, options: {defaultDeploymentRepo: 'dev-local'}});
});

test('nothing is made any more once the administrator has another password', async t => {
	const {bootstrap, metadata} = await makeWorld(t);
	await bootstrap({'dev-local': made('local')});
	await changePassword(metadata, 'admin', 'another password');
	t.deepEqual(await bootstrap(wanted), ['dev-local']);
});

test('a circle through a repository that exists is refused', async t => {
	const {bootstrap, metadata} = await makeWorld(t);
	const circle = {type: 'virtual', storage: 'default', description: '', options: {repositories: ['dev']}};
	await metadata.definitions.insert({...circle, key: 'prod'});
	const error = await t.throwsAsync(bootstrap(wanted), {code: 'DEFINITION_INVALID'});
	t.is(error?.message, 'repository "dev": would be made of itself: dev -> prod -> dev');
});

test('a repository is made of what does not exist, with a warning', async t => {
	const {bootstrap, warnings} = await makeWorld(t);
	t.deepEqual(await bootstrap({dev: made('virtual', {repositories: ['later']})}), ['dev']);
	t.deepEqual(warnings, [{repository: 'dev', missing: ['later']}]);
});
