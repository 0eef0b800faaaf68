import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {openMetadata} from '@stowage/core/metadata';
import test from 'ava';
import {makeStowageFolder} from './fixtures/stowage-process.ts';

test.serial('a proxy configuration is printed for the repositories that the database has', async t => {
	const {folder, run} = await makeStowageFolder(t);
	await mkdir(join(folder, 'data'));
	const metadata = await openMetadata({client: 'sqlite', file: join(folder, 'data/stowage.sqlite')});
	for (const key of ['docker-dev', 'docker-prod']) {
		await metadata.definitions.insert({key, type: 'local', storage: 'default', description: '', options: {}});
	}
	await metadata.close();
	for (const program of ['nginx', 'apache', 'caddy']) {
		const command = run(['proxy-config', program, '--host', 'reg.example', '--port', 'docker-prod=9001']);
		t.is(await command.exit, 0, command.printed.stderr);
		for (const expected of ['docker-dev.reg.example', 'docker-prod.reg.example', '5001', '9001', '127.0.0.1:5000']) {
			t.true(command.printed.stdout.includes(expected), `${program}: ${expected}`);
		}
	}
});

test.serial('without repositories nothing is printed but what to do', async t => {
	const {folder, run} = await makeStowageFolder(t);
	await mkdir(join(folder, 'data'));
	const command = run(['proxy-config', 'nginx']);
	t.is(await command.exit, 1);
	t.is(command.printed.stdout, '');
	t.regex(command.printed.stderr, /there are no repositories yet: start the registry once/);
});

test.serial('words that make no proxy configuration are told', async t => {
	const {run} = await makeStowageFolder(t);
	for (const [words, problem] of [
		[['squid'], /Allowed choices are nginx, apache, caddy/],
		[['nginx', '--methods', 'path,domain'], /"domain" is none of path, subdomain, port/],
		[['nginx', '--port', 'docker'], /It must be a port/],
		[['nginx', '--https-port', '70000'], /It must be a port/],
	] as const) {
		const command = run(['proxy-config', ...words]);
		t.is(await command.exit, 1);
		t.regex(command.printed.stderr, problem);
	}
});
