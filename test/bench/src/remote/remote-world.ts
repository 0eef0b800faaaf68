import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {type Stowage, startStowage} from '@stowage/test-servers';
import {type DockerUpstream, pushImage, startDockerUpstream} from '@stowage/test-servers/upstreams';
import {type Content, contentOf, imageFixture} from '@stowage/testing';
import {processors} from '../processors.ts';
import {type PacedLink, startPacedLink} from './paced-link.ts';

/** What a gigabit a second carries. */
const gigabit = 117_000_000;

export interface RemoteWorld {
	readonly stowage: Stowage;
	readonly upstream: DockerUpstream;
	readonly link: PacedLink;
	/** Of the registry's administrator. */
	readonly authorization: string;
	/** Pushes an image with one layer of so many bytes to the upstream, or to the registry's local repository. */
	readonly push: (where: 'upstream' | 'local', image: string, layerBytes: number) => Promise<Content>;
	/** `Authorization` of a client that pulls from an image. */
	readonly token: (repository: string, image: string) => Promise<string>;
	stop(): Promise<void>;
}

function remote(port: number) {
	return {type: 'remote', options: {url: `http://127.0.0.1:${port}`, allowedAddresses: ['127.0.0.1']}};
}

/** A registry with a local repository, and remote ones: `hub` in front of a docker-registry, `far` over a gigabit link. */
export async function openRemoteWorld(folder: string): Promise<RemoteWorld> {
	const upstream = await startDockerUpstream({folder: join(folder, 'upstream')});
	const link = await startPacedLink(upstream.port, gigabit);
	const repositories = {local: {type: 'local'}, hub: remote(upstream.port), far: remote(link.port)};
	const configuration = {log: {level: 'warn'}, bootstrap: {repositories}};
	const stowage = await startStowage({folder: join(folder, 'stowage'), cpu: processors.server, configuration});
	const authorization = `Basic ${Buffer.from(`admin:${stowage.password}`).toString('base64')}`;
	return {
		stowage,
		upstream,
		link,
		authorization,
		async push(where, image, layerBytes) {
			const {config} = imageFixture();
			const layer = contentOf(randomBytes(layerBytes), 'application/vnd.oci.image.layer.v1.tar+gzip');
			const document = {
				schemaVersion: 2,
				mediaType: 'application/vnd.oci.image.manifest.v1+json',
				config: config.descriptor,
				layers: [layer.descriptor],
			};
			const manifest = contentOf(Buffer.from(JSON.stringify(document)), document.mediaType);
			const local = {url: `${stowage.url}/api/docker/local`, authorization};
			await pushImage(where === 'local' ? local : upstream, image, {manifest, blobs: [config, layer]}, ['latest']);
			return layer;
		},
		async token(repository, image) {
			const scope = `repository:${repository}/${image}:pull`;
			const query = new URLSearchParams({service: new URL(stowage.url).host, scope});
			const answer = await fetch(`${stowage.url}/v2/token?${query.toString()}`, {headers: {authorization}});
			const {token} = (await answer.json()) as {token: string};
			return `Bearer ${token}`;
		},
		async stop() {
			await stowage.process.stop();
			await link.stop();
			await upstream.process.stop();
		},
	};
}
