import type {ProxyPlan} from './proxy-plan.ts';

/** For `/etc/nginx/conf.d/stowage.conf`: what stands within `http { }`. */
export function nginxConfig(plan: ProxyPlan): string {
	const {host, subdomains, boundHosts, ports, path} = plan;
	const hosts = [...(path ? [host] : []), ...boundHosts, ...subdomains.map(one => one.host)];
	return [
		'# Stowage behind nginx. Goes into /etc/nginx/conf.d/stowage.conf; "nginx -t" says whether it fits.',
		...plan.remarks.map(remark => `# ${remark}`),
		'',
		'# Which repository a host name means; the path says it where there is none.',
		'map $host $stowage_repository {',
		'\tdefault "";',
		...subdomains.map(one => `\t${nameOf(one.host)} ${one.repository};`),
		'}',
		...(hosts.length === 0 ? [] : serverBlock(plan, {port: plan.httpsPort, hosts, repository: '$stowage_repository'})),
		...ports.flatMap(({port, repository}) => serverBlock(plan, {port, hosts: [host], repository})),
		'',
	].join('\n');
}

interface Server {
	readonly port: number;
	readonly hosts: readonly string[];
	/** Key, or the variable that holds it; nothing when the path says it. */
	readonly repository: string;
}

function serverBlock(plan: ProxyPlan, {port, hosts, repository}: Server): readonly string[] {
	const {address, certificate, key, upstream} = plan;
	return [
		'',
		'server {',
		`\tlisten ${address === undefined ? '' : `${address}:`}${port} ssl;`,
		...(address === undefined ? [`\tlisten [::]:${port} ssl;`] : []),
		`\tserver_name ${hosts.map(nameOf).join(' ')};`,
		`\tssl_certificate ${quote(certificate)};`,
		`\tssl_certificate_key ${quote(key)};`,
		'\tclient_max_body_size 0;',
		'\tchunked_transfer_encoding on;',
		'',
		'\tlocation / {',
		`\t\tproxy_pass ${upstream};`,
		'\t\tproxy_http_version 1.1;',
		'\t\tproxy_request_buffering off;',
		'\t\tproxy_buffering off;',
		'\t\tproxy_read_timeout 900s;',
		'\t\tproxy_send_timeout 900s;',
		'\t\tproxy_set_header Connection "";',
		'\t\tproxy_set_header Host $http_host;',
		'\t\tproxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
		'\t\tproxy_set_header X-Forwarded-Proto $scheme;',
		'\t\tproxy_set_header X-Forwarded-Port $server_port;',
		'\t\tproxy_set_header X-Forwarded-Host $http_host;',
		'\t\tproxy_set_header X-JFrog-Override-Base-Url $scheme://$http_host;',
		`\t\tproxy_set_header X-Stowage-Repository ${repository};`,
		...(plan.files === undefined ? [] : [`\t\tproxy_set_header X-Sendfile-Type ${plan.files.header};`]),
		'\t}',
		...filesLocation(plan),
		'}',
	];
}

/** nginx has its own headers for a file; those of the registry are what clients look at. */
function filesLocation({files}: ProxyPlan): readonly string[] {
	if (files === undefined || files.header.toLowerCase() !== 'x-accel-redirect') {
		return [];
	}
	const kept = [
		'Docker-Content-Digest',
		'Docker-Distribution-Api-Version',
		'ETag',
		'OCI-Namespace',
		'X-Artifactory-Docker-Registry',
		'X-Artifactory-Filename',
		'X-Checksum-Sha256',
		'X-Checksum-Sha512',
		'X-Content-Type-Options',
		'X-Request-Id',
	];
	return [
		'',
		'\t# Blobs that nginx sends itself; its user must be able to read them.',
		`\tlocation ${files.prefix}/ {`,
		'\t\tinternal;',
		`\t\talias ${quote(`${files.folder}/`)};`,
		`\t\tdisable_symlinks on from=${quote(files.folder)};`,
		'\t\tsendfile on;',
		'\t\tetag off;',
		...kept.map(name => `\t\tadd_header ${name} $upstream_http_${name.toLowerCase().replaceAll('-', '_')};`),
		'\t}',
	];
}

/** What fits into the buckets of nginx's tables of names as they are unless told: 64 bytes, less two pointers and a length. */
const longestInTable = 46;

/**
 * A host name in nginx's words. One that is too long for its tables is an expression, which is in none: larger tables can
 * only be asked for once in all of the configuration, and somebody may have done so.
 */
function nameOf(host: string): string {
	return host.length > longestInTable ? `~^${host.replaceAll('.', '\\.')}$` : host;
}

function quote(text: string): string {
	return /^[A-Za-z0-9/._~-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
