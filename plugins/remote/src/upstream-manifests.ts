import {
	type Digest,
	type ImageName,
	type ManifestRecord,
	type Reference,
	dockerManifestListType,
	dockerManifestType,
	dockerSchema1Type,
	dockerSignedSchema1Type,
	findDigest,
	ociArtifactManifestType,
	ociIndexType,
	ociManifestType,
} from '@stowage/core';
import {type ManifestRules, readManifest} from './fetched-manifest.ts';
import {isDoubtful} from './is-doubtful.ts';
import {refusesMethod} from './refuses-method.ts';
import type {Upstream} from './upstream.ts';

/** As large as clients take (distribution specification, "Pushing Manifests"). */
const maxBytes = 4 * 1024 * 1024;

const types = [ociIndexType, dockerManifestListType, ociManifestType, dockerManifestType, ociArtifactManifestType];
const oldTypes = [dockerSignedSchema1Type, dockerSchema1Type];

/** `absent`: the upstream does not have the tag. `unknown`: it does not say what the tag names. */
export type TagState = Digest | 'absent' | 'unknown';

/** The manifests of the upstream. Rejects with `UpstreamError`. */
export class UpstreamManifests {
	readonly #upstream: Upstream;
	readonly #rules: ManifestRules;
	readonly #signal: AbortSignal;
	readonly #accept: string;

	constructor(upstream: Upstream, rules: ManifestRules, signal: AbortSignal) {
		this.#upstream = upstream;
		this.#rules = rules;
		this.#signal = signal;
		this.#accept = [...types, ...(rules.blockPushingSchema1 ? [] : oldTypes)].join(', ');
	}

	/** What a tag names, without counting as a pull. */
	async head(image: ImageName, reference: Reference): Promise<TagState> {
		try {
			const {status, headers} = await this.#upstream.fetch(this.#request('HEAD', image, reference), maxBytes);
			if (status === 404) {
				return isDoubtful(headers) ? 'unknown' : 'absent';
			}
			return findDigest(String(headers['docker-content-digest'] ?? '')) ?? 'unknown';
		} catch (error) {
			if (refusesMethod(error)) {
				return 'unknown';
			}
			throw error;
		}
	}

	/** Undefined when the upstream does not have it. */
	async get(image: ImageName, reference: Reference): Promise<ManifestRecord | undefined> {
		const answer = await this.#upstream.fetch(this.#request('GET', image, reference), maxBytes);
		return answer.status === 200 ? readManifest(answer, reference, this.#rules) : undefined;
	}

	#request(method: 'GET' | 'HEAD', image: ImageName, reference: Reference) {
		const name = this.#upstream.address.remoteName(image);
		return {
			method,
			url: this.#upstream.url(`${name}/manifests/${reference.tag ?? reference.digest}`),
			scope: `repository:${name}:pull`,
			headers: {accept: this.#accept},
			signal: this.#signal,
		};
	}
}
