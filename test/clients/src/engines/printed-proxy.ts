import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ServerProcess} from '@stowage/test-servers';
import {CommandError} from '../command.ts';
import type {Workbench} from '../workbench.ts';

export interface Certificate {
	/** Folder that makes skopeo and buildah trust it. */
	readonly authority: string;
	/** PEM file, signed by itself. */
	readonly certificate: string;
	readonly key: string;
}

/** Makes a certificate for these host names. */
export async function makeCertificate(bench: Workbench, hosts: readonly string[]): Promise<Certificate> {
	const authority = join(bench.folder, 'authority');
	await mkdir(authority, {recursive: true});
	const certificate = join(authority, 'ca.crt');
	const key = join(bench.folder, 'key.pem');
	const names = hosts.map(host => `DNS:${host}`).join(',');
	await bench.run(
		`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${hosts[0]} -addext subjectAltName=${names}`
			.split(' ')
			.concat('-keyout', key, '-out', certificate),
	);
	return {authority, certificate, key};
}

export const proxyPrograms = ['nginx', 'apache', 'caddy'] as const;

export type ProxyProgram = (typeof proxyPrograms)[number];

/** Starts the program with a configuration that the registry has printed, in as little of its own as there must be around it. */
export async function startPrintedProxy(
	bench: Workbench,
	program: ProxyProgram,
	{printed, certificate, url}: {readonly printed: string; readonly certificate: string; readonly url: string},
): Promise<ServerProcess> {
	const folder = join(bench.folder, program);
	await mkdir(folder, {recursive: true});
	const file = join(folder, 'printed.conf');
	await writeFile(file, printed);
	await writeFile(join(folder, 'main.conf'), surroundings[program](folder, file));
	const [command, ...parameters] = bench.isolated(commands[program](folder));
	const probe = ['curl', '--silent', '--cacert', certificate, '--output', '/dev/null', url];
	return ServerProcess.start({
		program: command!,
		parameters,
		environment: bench.environment,
		log: join(folder, 'log'),
		ready: () =>
			bench.run(probe).then(
				() => true,
				(error: unknown) => {
					if (error instanceof CommandError) {
						return false;
					}
					throw error;
				},
			),
	});
}

const commands: Readonly<Record<ProxyProgram, (folder: string) => string[]>> = {
	nginx: folder => ['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'main.conf'), '-g', 'daemon off;'],
	apache: folder => ['apache2', '-D', 'FOREGROUND', '-d', folder, '-f', join(folder, 'main.conf')],
	caddy: folder => ['caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'main.conf')],
};

const surroundings: Readonly<Record<ProxyProgram, (folder: string, file: string) => string>> = {
	nginx: (folder, file) => `
pid ${folder}/pid;
worker_processes 1;
user root;
events {}
http {
	access_log off;
	client_body_temp_path ${folder}/body;
	proxy_temp_path ${folder}/proxied;
	fastcgi_temp_path ${folder}/fastcgi;
	uwsgi_temp_path ${folder}/uwsgi;
	scgi_temp_path ${folder}/scgi;
	include ${file};
}
`,
	apache: (folder, file) => `
${['mpm_event', 'authz_core', 'env', 'headers', 'proxy', 'proxy_http', 'socache_shmcb', 'ssl']
	.map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
	.join('\n')}
ServerName localhost
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
Mutex file:${folder}
ErrorLog ${folder}/errors
User www-data
Group www-data
Include ${file}
`,
	caddy: (folder, file) => `
{
	admin off
	auto_https disable_redirects
	skip_install_trust
	storage file_system ${folder}/storage
}
import ${file}
`,
};
