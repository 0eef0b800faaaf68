import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {answersHttp} from '../processes/answers-http.ts';
import {freePort} from '../processes/free-port.ts';
import {ServerProcess} from '../processes/server-process.ts';
import type {TokenService} from './token-service.ts';

/** The user of a registry that asks for a password. */
export const upstreamUser = {username: 'robot', password: 'upstream-password'};

const htpasswd = '$2y$05$Ft6SSYArKiFRjBm253GtNufIZ3K1vUnEg8y7Re9aIC2C10D6Vtch.';

export interface DockerUpstreamOptions {
	/** Has what was pushed to a registry that was started in it before, whatever that asked for. */
	readonly folder: string;
	/** Nothing unless told. */
	readonly wants?: 'password' | TokenService;
	/** A free one unless told. */
	readonly port?: number;
}

export interface DockerUpstream {
	/** `http://127.0.0.1:<port>`. */
	readonly url: string;
	readonly port: number;
	readonly process: ServerProcess;
}

/** Starts Debian's `docker-registry` to be somebody's upstream. */
export async function startDockerUpstream({folder, wants, port}: DockerUpstreamOptions): Promise<DockerUpstream> {
	const listened = port ?? (await freePort());
	const address = `127.0.0.1:${listened}`;
	await mkdir(folder, {recursive: true});
	const passwords = join(folder, 'htpasswd');
	await writeFile(passwords, `${upstreamUser.username}:${htpasswd}\n`);
	const configuration = {
		version: 0.1,
		log: {level: 'error', accesslog: {disabled: true}},
		storage: {filesystem: {rootdirectory: join(folder, 'registry')}, delete: {enabled: true}},
		http: {addr: address},
		...(wants === 'password' && {auth: {htpasswd: {realm: 'test', path: passwords}}}),
		...(typeof wants === 'object' && {
			auth: {
				token: {
					realm: wants.realm,
					service: wants.service,
					issuer: wants.issuer,
					rootcertbundle: wants.certificate,
				},
			},
		}),
	};
	const file = join(folder, 'docker-registry.yml');
	await writeFile(file, JSON.stringify(configuration));
	const process = await ServerProcess.start({
		program: 'docker-registry',
		parameters: ['serve', file],
		log: join(folder, 'docker-registry.log'),
		ready: () => answersHttp(`http://${address}/v2/`, [200, 401]),
	});
	return {url: `http://${address}`, port: listened, process};
}
