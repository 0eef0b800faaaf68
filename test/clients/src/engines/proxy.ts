import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {freePort, ServerProcess} from '@stowage/test-servers';
import {CommandError} from '../command.ts';
import type {Workbench} from '../workbench.ts';

export interface Proxy {
	readonly port: number;
	/** Folder that makes skopeo and buildah trust the proxy. */
	readonly authority: string;
	/** PEM file of the proxy's certificate, signed by itself. */
	readonly certificate: string;
	readonly process: ServerProcess;
}

/**
 * Starts nginx that speaks HTTPS and hands everything on to `target`, as operators put it in front of a registry. Its
 * certificate is for `localhost` and these hosts.
 */
export async function startProxy(
	bench: Workbench,
	target: string,
	hosts: readonly string[] = ['docker-local.stowage.test'],
): Promise<Proxy> {
	const folder = join(bench.folder, 'proxy');
	const authority = join(folder, 'authority');
	await mkdir(authority, {recursive: true});
	const certificate = join(authority, 'ca.crt');
	const key = join(folder, 'key.pem');
	const port = await freePort();
	const names = `subjectAltName=${['localhost', ...hosts].map(host => `DNS:${host}`).join(',')}`;
	await bench.run(
		`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext ${names}`
			.split(' ')
			.concat('-keyout', key, '-out', certificate),
	);
	const file = join(folder, 'nginx.conf');
	await writeFile(file, nginxConf({folder, port, certificate, key, target}));
	const [program, ...parameters] = bench.isolated([
		'nginx',
		'-p',
		folder,
		'-e',
		'stderr',
		'-c',
		file,
		'-g',
		'daemon off;',
	]);
	const probe = ['curl', '--silent', '--cacert', certificate, '--output', '/dev/null', `https://localhost:${port}/v2/`];
	const process = await ServerProcess.start({
		program: program!,
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
	return {port, authority, certificate, process};
}

interface Served {
	readonly folder: string;
	readonly port: number;
	readonly certificate: string;
	readonly key: string;
	readonly target: string;
}

function nginxConf({folder, port, certificate, key, target}: Served): string {
	return `
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
	server {
		listen 127.0.0.1:${port} ssl;
		ssl_certificate ${certificate};
		ssl_certificate_key ${key};
		client_max_body_size 0;
		location / {
			proxy_pass ${target};
			proxy_http_version 1.1;
			proxy_request_buffering off;
			proxy_buffering off;
			proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $remote_addr;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_set_header X-Forwarded-Host $http_host;
		}
	}
}
`;
}
