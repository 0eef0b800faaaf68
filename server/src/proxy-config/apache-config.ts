import type {ProxyPlan} from './proxy-plan.ts';

/** For `/etc/apache2/sites-available/stowage.conf`. */
export function apacheConfig(plan: ProxyPlan): string {
	const {host, path, subdomains, boundHosts, ports} = plan;
	const hosts = [...(path ? [host] : []), ...boundHosts, ...subdomains.map(one => one.host)];
	const naming = subdomains.map(one => {
		const pattern = one.host.replaceAll('.', '\\.');
		return `\tRequestHeader set X-Stowage-Repository ${one.repository} "expr=%{HTTP_HOST} =~ /^${pattern}(:[0-9]+)?$/i"`;
	});
	return [
		'# Stowage behind Apache. Goes into /etc/apache2/sites-available/stowage.conf, and needs',
		'# a2enmod headers proxy proxy_http ssl && a2ensite stowage',
		...plan.remarks.map(remark => `# ${remark}`),
		...(plan.files === undefined ? [] : ['# Files are sent by the registry: accelRedirect is for nginx.']),
		...(hosts.length === 0 ? [] : virtualHost(plan, {port: plan.httpsPort, hosts, naming})),
		...ports.flatMap(({port, repository}) =>
			virtualHost(plan, {
				port,
				hosts: [host],
				naming: [`\tRequestHeader set X-Stowage-Repository ${repository}`],
			}),
		),
		'',
	].join('\n');
}

interface VirtualHost {
	readonly port: number;
	readonly hosts: readonly string[];
	/** What says which repository is meant. */
	readonly naming: readonly string[];
}

function virtualHost(plan: ProxyPlan, {port, hosts, naming}: VirtualHost): readonly string[] {
	const {address, certificate, key, upstream} = plan;
	const [name, ...aliases] = hosts;
	const at = `${address ?? '*'}:${port}`;
	return [
		'',
		...(address === undefined && port === 443 ? [] : [`Listen ${address === undefined ? port : at}`]),
		`<VirtualHost ${at}>`,
		`\tServerName ${name}`,
		...aliases.map(alias => `\tServerAlias ${alias}`),
		'\tSSLEngine on',
		`\tSSLCertificateFile "${certificate}"`,
		`\tSSLCertificateKeyFile "${key}"`,
		...(upstream.startsWith('https:') ? ['\tSSLProxyEngine on'] : []),
		'\tLimitRequestBody 0',
		'\tAllowEncodedSlashes NoDecode',
		'\tTimeout 900',
		'\tProxyTimeout 900',
		'\tProxyRequests Off',
		'\tProxyPreserveHost On',
		'\tSetEnv proxy-sendchunked 1',
		'\tRequestHeader set X-Forwarded-Proto https',
		`\tRequestHeader set X-Forwarded-Port ${port}`,
		'\tRequestHeader set X-JFrog-Override-Base-Url "expr=https://%{HTTP_HOST}"',
		'\tRequestHeader unset X-Stowage-Repository',
		...naming,
		`\tProxyPass / ${upstream}/ nocanon timeout=900 flushpackets=on`,
		'</VirtualHost>',
	];
}
