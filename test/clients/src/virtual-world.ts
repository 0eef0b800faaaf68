import {join} from 'node:path';
import {type StandardConfiguration, standardHosts, startStandardConfiguration} from '@stowage/test-servers';
import type {ExecutionContext} from 'ava';
import {runnableContext} from './images.ts';
import {Workbench} from './workbench.ts';

export interface VirtualWorld {
	readonly bench: Workbench;
	readonly standard: StandardConfiguration;
	/** What clients type for the two hosts. */
	readonly dev: string;
	readonly prod: string;
	readonly user: string;
	readonly password: string;
}

/** The standard configuration: virtual repositories at two hosts, one in the other, in front of a registry that stands for Docker Hub. */
export async function openVirtualWorld(t: ExecutionContext): Promise<VirtualWorld> {
	const bench = await Workbench.open(Object.values(standardHosts));
	t.teardown(() => bench.close());
	const standard = await startStandardConfiguration(join(bench.folder, 'standard'));
	t.teardown(() => standard.stop());
	const {port, password} = standard.registry;
	const at = (host: string) => `${host}:${port}`;
	return {bench, standard, dev: at(standardHosts.dev), prod: at(standardHosts.prod), user: 'admin', password};
}

/** Makes an image of the upstream that prints `line`; `name` is as Docker Hub has it. */
export async function pushUpstream({bench, standard}: VirtualWorld, name: string, line: string): Promise<void> {
	const context = await runnableContext(bench, 'upstream', line);
	await bench.run(['buildah', 'bud', '--quiet', '--isolation', 'chroot', '--tag', name, context]);
	const {hub, password} = standard.upstream;
	const target = `docker://${new URL(hub).host}/${name}`;
	await bench.run(['buildah', 'push', '--quiet', '--tls-verify=false', '--creds', `admin:${password}`, name, target]);
	await bench.run(['buildah', 'rmi', '--force', name]);
}

/** Key of the repository that answers for a manifest. */
export async function holderOf({standard}: VirtualWorld, key: string, image: string, tag: string): Promise<string> {
	const url = `${standard.registry.url}/v2/${key}/${image}/manifests/${tag}`;
	const answer = await fetch(url, {method: 'HEAD'});
	return answer.headers.get('x-artifactory-docker-registry') ?? String(answer.status);
}
