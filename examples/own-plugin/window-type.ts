import {type Repository, type RepositoryType, RegistryError} from '@stowage/core';
import {type Static, Type} from 'typebox';

const options = Type.Object(
	{of: Type.String({description: 'Key of the repository that is shown.'})},
	{additionalProperties: false},
);

/** `type: window`: shows what another repository has, and takes nothing. Who may not read it there sees nothing of it here. */
export const windowType: RepositoryType<Static<typeof options>> = {
	type: 'window',
	options: {...options},
	dependencies: ({of}) => [of],
	async create({of}, {key, repositories}) {
		const shown = async (): Promise<Repository> => {
			const repository = await repositories.get(of);
			if (repository === undefined) {
				throw new RegistryError('NAME_UNKNOWN', `there is no repository "${of}"`);
			}
			return repository;
		};
		return {
			key,
			type: 'window',
			readOnlyBecause: `"${key}" only shows what "${of}" has`,
			findManifest: async (image, reference, asked) =>
				asked.caller.may('read', of, image) ? (await shown()).findManifest(image, reference, asked) : undefined,
			findBlob: async (image, digest, asked) =>
				asked.caller.may('read', of, image) ? (await shown()).findBlob(image, digest, asked) : undefined,
			openBlob: async (image, digest, asked) =>
				asked.caller.may('read', of, image) ? (await shown()).openBlob(image, digest, asked) : undefined,
			listTags: async (image, page, asked) =>
				asked.caller.may('read', of, image) ? (await shown()).listTags(image, page, asked) : undefined,
			listImages: async (page, asked) => (await shown()).listImages(page, asked),
			listReferrers: async (image, subject, request, asked) =>
				asked.caller.may('read', of, image)
					? (await shown()).listReferrers(image, subject, request, asked)
					: {items: []},
		};
	},
};
