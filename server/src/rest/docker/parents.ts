import {type ImageName, RegistryError, parseDigest, serves} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {type Endpoint, type EndpointRequest, defineEndpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';

const parent = Type.Object({
	repository: Type.String({description: 'Key of the repository that holds it.'}),
	digest: Type.String(),
	mediaType: Type.String(),
	size: Type.Integer(),
	tags: Type.Array(Type.String(), {description: 'All that name it.'}),
});

/** `GET /api/docker/<key>/v2/<image>/manifests/<digest>/parents`: our own path, since that of Artifactory is not known. */
export function parentsEndpoint(parts: RestParts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path: '/api/docker/:repository/v2/*image/manifests/:digest/parents',
		access: {action: 'read', repository: 'repository', image: 'image'},
		tag: 'docker',
		summary: 'Which indexes of the image have this manifest as an entry.',
		params: Type.Object({repository: Type.String(), image: Type.String(), digest: Type.String()}),
		answers: {
			200: {
				description: 'The indexes; of a virtual repository those of every member that the caller may read.',
				schema: Type.Object({image: Type.String(), digest: Type.String(), parents: Type.Array(parent)}),
			},
			404: {description: 'There is no such repository.'},
		},
		async handle({params: {repository}, context, caller}) {
			const digest = parseDigest(context.params['digest'] ?? '');
			const {image} = context;
			if (image === undefined) {
				throw new RegistryError('NAME_INVALID', 'no image is named');
			}
			const parents: Static<typeof parent>[] = [];
			for (const key of await findHolders(parts, repository, {caller, image})) {
				const definition = await parts.metadata.definitions.find(key);
				const found =
					definition === undefined ? [] : await parts.metadata.repository(definition.id).listIndexes(image, digest);
				parents.push(...found.map(({index, tags}) => ({repository: key, ...index, tags: [...tags]})));
			}
			return {json: {image, digest, parents}};
		},
	});
}

interface Asked extends Pick<EndpointRequest<unknown, unknown, unknown>, 'caller'> {
	readonly image: ImageName;
}

/**
 * Keys of the repositories that have things themselves: this one, or its members, as far as the caller may read the image
 * there and nothing on the way leaves it out.
 */
async function findHolders({repositories}: RestParts, key: string, {caller, image}: Asked): Promise<readonly string[]> {
	const holders = new Set<string>();
	const seen = new Set<string>();
	const add = async (key: string): Promise<void> => {
		if (seen.has(key) || !caller.may('read', key, image)) {
			return;
		}
		seen.add(key);
		const repository = await repositories.get(key);
		if (repository === undefined || !serves(repository, image)) {
			return;
		}
		if (repository.members === undefined) {
			holders.add(key);
			return;
		}
		for (const member of repository.members) {
			await add(member);
		}
	};
	await add(key);
	return [...holders];
}
