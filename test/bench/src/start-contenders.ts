import {join} from 'node:path';
import {startDockerRegistry, startMariadb, type Stowage, startStowage} from '@stowage/test-servers';
import type {Contender} from './contender.ts';
import {processors} from './processors.ts';

export const contenderNames = ['docker-registry', 'stowage-sqlite', 'stowage-mariadb'] as const;

export type ContenderName = (typeof contenderNames)[number];

/** Starts a registry with all its state in `folder`, on the server's processor. */
export const startContender: Readonly<Record<ContenderName, (folder: string) => Promise<Contender>>> = {
	'docker-registry': startPeer,
	'stowage-sqlite': startOnSqlite,
	'stowage-mariadb': startOnMariadb,
};

async function startPeer(folder: string): Promise<Contender> {
	const {url, process} = await startDockerRegistry({folder, cpu: processors.server});
	return {
		name: 'docker-registry',
		url,
		prefix: '',
		pid: process.pid,
		pullAuthorization: () => Promise.resolve(undefined),
		output: () => process.output(),
		stop: () => process.stop(),
	};
}

async function startOnSqlite(folder: string): Promise<Contender> {
	const stowage = await startStowage({folder, cpu: processors.server, configuration});
	return {...asContender(stowage), name: 'stowage-sqlite', stop: () => stowage.process.stop()};
}

async function startOnMariadb(folder: string): Promise<Contender> {
	const mariadb = await startMariadb();
	try {
		const {host, port, user, password} = mariadb;
		const {name} = await mariadb.createDatabase();
		const database = {client: 'mysql', host, port, user, password, database: name};
		const stowage = await startStowage({
			folder: join(folder, 'stowage'),
			cpu: processors.server,
			configuration: {...configuration, database},
		});
		const stop = async () => {
			await stowage.process.stop();
			await mariadb.stop();
		};
		return {...asContender(stowage), name: 'stowage-mariadb', databasePid: mariadb.pid, stop};
	} catch (error) {
		await mariadb.stop();
		throw error;
	}
}

/** As it is meant to be run: logs of requests are for looking into something. */
const configuration = {log: {level: 'warn', requests: false}};

function asContender({url, password, process}: Stowage): Omit<Contender, 'name' | 'stop'> {
	const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
	const prefix = 'docker-local/';
	return {
		url,
		prefix,
		pid: process.pid,
		authorization,
		output: () => process.output(),
		async pullAuthorization(image) {
			const query = new URLSearchParams({service: new URL(url).host, scope: `repository:${prefix}${image}:pull`});
			const answer = await fetch(`${url}/v2/token?${query.toString()}`, {headers: {authorization}});
			const {token} = (await answer.json()) as {token: string};
			return `Bearer ${token}`;
		},
	};
}
