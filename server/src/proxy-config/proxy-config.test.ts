import test from 'ava';
import {apacheConfig} from './apache-config.ts';
import {caddyConfig} from './caddy-config.ts';
import {nginxConfig} from './nginx-config.ts';
import {type ProxyRequest, addressingMethods, planProxy} from './proxy-plan.ts';

const configuration = {
	listen: '0.0.0.0:5000',
	bindings: [
		{host: 'Docker-Dev.example', repositories: {v2: 'docker'}},
		{port: 7000, repositories: {v2: 'docker'}},
	],
	subdomainsOf: [],
	trustedProxies: ['127.0.0.1'],
};

function plan(more: Partial<ProxyRequest> = {}) {
	return planProxy({
		configuration,
		repositories: ['docker', 'docker-local', 'hub'],
		methods: addressingMethods,
		certificate: '/etc/ssl/a.crt',
		key: '/etc/ssl/a.key',
		httpsPort: 443,
		firstPort: 5001,
		ports: {},
		...more,
	});
}

test('every repository that exists has a host name and a port', t => {
	const {subdomains, ports, boundHosts, upstream} = plan({host: 'reg.example'});
	t.deepEqual(
		subdomains.map(({host}) => host),
		['docker.reg.example', 'docker-local.reg.example', 'hub.reg.example'],
	);
	t.deepEqual(
		ports.map(({port, repository}) => `${repository} ${port}`),
		['docker 5001', 'docker-local 5002', 'hub 5003'],
	);
	t.deepEqual(boundHosts, ['docker-dev.example']);
	t.is(upstream, 'http://127.0.0.1:5000');
});

test('ports that are given are kept, and no other repository gets them', t => {
	const {ports} = plan({ports: {hub: 5001, docker: 9000}});
	t.deepEqual(
		ports.map(({port}) => port),
		[9000, 5002, 5001],
	);
});

test('only the methods that are asked for are there', t => {
	t.like(plan({methods: ['path']}), {path: true, subdomains: [], ports: []});
	const {path, subdomains, ports} = plan({methods: ['port']});
	t.deepEqual([path, subdomains.length, ports.length], [false, 0, 3]);
	t.notRegex(nginxConfig(plan({methods: ['path']})), /listen 5001/);
});

test('the host is that of the configuration unless told', t => {
	t.is(plan().host, 'registry.example');
	t.is(plan({configuration: {...configuration, subdomainsOf: ['sub.example']}}).host, 'sub.example');
	t.is(plan({configuration: {...configuration, baseUrl: 'https://base.example:8443'}}).host, 'base.example');
});

test('a registry that speaks HTTPS is asked by HTTPS', t => {
	const tls = {certificate: '/a', key: '/b'};
	const made = plan({configuration: {...configuration, listen: '[::1]:5443', tls}});
	t.is(made.upstream, 'https://[::1]:5443');
	t.regex(apacheConfig(made), /SSLProxyEngine on/);
});

test('an operator is told what the registry lacks, and which names no host can hold', t => {
	const made = plan({repositories: ['my_repo', 'docker'], configuration: {...configuration, trustedProxies: []}});
	t.is(made.remarks.length, 2);
	t.deepEqual(
		made.subdomains.map(({repository}) => repository),
		['docker'],
	);
	for (const text of [nginxConfig(made), apacheConfig(made), caddyConfig(made)]) {
		t.regex(text, /^# The registry believes this proxy only .*trustedProxies/m);
		t.regex(text, /^# No host name can hold "my_repo"/m);
	}
});

test('names that do not fit into tables of nginx are expressions', t => {
	const host = 'registry.internal.mycompany.example.com';
	const text = nginxConfig(plan({host}));
	t.true(text.includes(`\tdocker.${host} docker;\n`));
	t.true(text.includes('\t~^docker-local\\.registry\\.internal\\.mycompany\\.example\\.com$ docker-local;\n'));
	t.regex(
		text,
		/server_name registry\.internal\.mycompany\.example\.com docker-dev\.example docker\.registry.* ~\^docker-local/,
	);
});

test('nginx is told to send files when the registry leaves it to do so, and no other is', t => {
	const accelRedirect = {header: 'X-Accel-Redirect', prefix: '/files', folder: '/var/lib/stow age'};
	const made = plan({configuration: {...configuration, accelRedirect}});
	t.regex(nginxConfig(made), /location \/files\/ {\n\t\tinternal;\n\t\talias "\/var\/lib\/stow age\/";/);
	t.regex(nginxConfig(made), /proxy_set_header X-Sendfile-Type X-Accel-Redirect;/);
	t.notRegex(nginxConfig(plan()), /internal;/);
	for (const text of [apacheConfig(made), caddyConfig(made)]) {
		t.notRegex(text, /X-Sendfile-Type/);
		t.regex(text, /^# Files are sent by the registry/m);
	}
});
