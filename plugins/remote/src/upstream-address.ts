import {type ImageName, findImageName} from '@stowage/core';
import type {RemoteOptions} from './options.ts';

const hubHosts: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];
const hubRegistry = 'registry-1.docker.io';
const hubRealm = 'https://auth.docker.io';

/** Where the upstream is and how it names things. */
export class UpstreamAddress {
	/** Of the registry's protocol; ends with `/v2/`. */
	readonly base: URL;
	/** Whether it is Docker Hub, or has what that has, where images without a slash are in `library/`. */
	readonly hub: boolean;
	/** What clients call the registry whose content this is, in lower case. */
	readonly hosts: readonly string[];
	/** Put before names of images. */
	readonly #prefix: string;
	readonly #realms: readonly string[];

	constructor({
		url: text,
		mirrorOf,
		dockerProjectId,
		trustedRealms,
	}: Pick<RemoteOptions, 'url' | 'mirrorOf' | 'dockerProjectId' | 'trustedRealms'>) {
		const url = new URL(text);
		const [, path = '', name = ''] = /^(.*?)(?:\/v2(?:\/(.*))?)?$/.exec(url.pathname.replace(/\/+$/, '')) ?? [];
		const host = mirrorOf?.toLowerCase() ?? url.host;
		const original = mirrorOf === undefined || hubHosts.includes(url.host);
		this.hub = hubHosts.includes(host);
		if (this.hub && original) {
			url.host = hubRegistry;
		}
		this.base = new URL(`${path}/v2/`, url);
		this.hosts = this.hub ? hubHosts : [host];
		this.#prefix = [name, dockerProjectId]
			.flatMap(part => (part ? [`${part.replace(/^\/+|\/+$/g, '')}/`] : []))
			.join('');
		this.#realms = [
			url.origin,
			...(this.hub && original ? [hubRealm] : []),
			...trustedRealms.map(realm => new URL(realm).origin),
		];
	}

	/** The one name of an image here, whichever a client uses; undefined where that would be too long for any image. */
	imageOf(name: ImageName): ImageName | undefined {
		return this.hub && !name.includes('/') ? findImageName(`library/${name}`) : name;
	}

	/** The other of the two names by which clients may ask for an image; undefined when there is one only. */
	otherNameOf(name: ImageName): ImageName | undefined {
		const [, inLibrary] = (this.hub && /^library\/([^/]+)$/.exec(name)) || [];
		return this.hub ? findImageName(inLibrary ?? (name.includes('/') ? '' : `library/${name}`)) : undefined;
	}

	/** What the upstream calls an image. */
	remoteName(image: ImageName): string {
		return this.#prefix + image;
	}

	/** The image that the upstream calls so; undefined for one that is not below the prefix. */
	localName(name: string): string | undefined {
		return name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : undefined;
	}

	/** Whether credentials may go to a token service: one of the upstream itself, or one that the operator trusts. */
	trustsRealm(realm: URL): boolean {
		return this.#realms.includes(realm.origin);
	}
}
