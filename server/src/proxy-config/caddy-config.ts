import type {ProxyPlan} from './proxy-plan.ts';

/** A Caddyfile, or what is imported into one. */
export function caddyConfig(plan: ProxyPlan): string {
	const {host, path, subdomains, boundHosts, ports, httpsPort} = plan;
	const whole = [...(path ? [host] : []), ...boundHosts];
	return [
		'# Stowage behind Caddy. Goes into /etc/caddy/Caddyfile, or is imported there.',
		...plan.remarks.map(remark => `# ${remark}`),
		...(plan.files === undefined ? [] : ['# Files are sent by the registry: accelRedirect is for nginx.']),
		...(whole.length === 0 ? [] : site(plan, {port: httpsPort, hosts: whole})),
		...subdomains.flatMap(one => site(plan, {port: httpsPort, hosts: [one.host], repository: one.repository})),
		...ports.flatMap(({port, repository}) => site(plan, {port, hosts: [host], repository})),
		'',
	].join('\n');
}

interface Site {
	readonly port: number;
	readonly hosts: readonly string[];
	readonly repository?: string;
}

function site({address, certificate, key, upstream}: ProxyPlan, {port, hosts, repository}: Site): readonly string[] {
	return [
		'',
		`${hosts.map(host => `https://${host}:${port}`).join(', ')} {`,
		...(address === undefined ? [] : [`\tbind ${address}`]),
		`\ttls "${certificate}" "${key}"`,
		`\treverse_proxy ${upstream} {`,
		'\t\tflush_interval -1',
		`\t\theader_up X-Forwarded-Port ${port}`,
		'\t\theader_up X-JFrog-Override-Base-Url {scheme}://{hostport}',
		repository === undefined
			? '\t\theader_up -X-Stowage-Repository'
			: `\t\theader_up X-Stowage-Repository ${repository}`,
		'\t\ttransport http {',
		'\t\t\tread_timeout 900s',
		'\t\t\twrite_timeout 900s',
		'\t\t\tresponse_header_timeout 900s',
		'\t\t}',
		'\t}',
		'}',
	];
}
