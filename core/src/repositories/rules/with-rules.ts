import type {Caller} from '../../access/caller.ts';
import type {ImageName} from '../../oci/image-name.ts';
import {traitsOf} from '../repository-traits.ts';
import type {RepositoryWriter} from '../repository-writer.ts';
import type {Repository} from '../repository.ts';
import {demandServed} from './refusals.ts';
import {type RepositoryRules, leavesOut, serves} from './repository-rules.ts';

/**
 * The same repository, that neither gives nor takes what its rules leave out: calls reject with `DENIED`, and lists do not
 * have it. Deleting stays possible, so that what is left out can be cleaned up. Where nothing is left out there is nothing
 * to ask, and it is the repository itself.
 */
export function withRules(repository: Repository, rules: RepositoryRules): Repository {
	if (!leavesOut({rules})) {
		return repository;
	}
	const ruled = {key: repository.key, rules};
	const {writer, cache} = repository;
	return {
		...traitsOf(repository),
		rules,
		findManifest: async (image, ...args) => asServed(ruled, image, () => repository.findManifest(image, ...args)),
		findBlob: async (image, ...args) => asServed(ruled, image, () => repository.findBlob(image, ...args)),
		openBlob: async (image, ...args) => asServed(ruled, image, () => repository.openBlob(image, ...args)),
		listTags: async (image, ...args) => asServed(ruled, image, () => repository.listTags(image, ...args)),
		listReferrers: async (image, ...args) => asServed(ruled, image, () => repository.listReferrers(image, ...args)),
		listImages: async (page, options) =>
			rules.blackedOut
				? {items: []}
				: repository.listImages(page, {...options, caller: narrow(options.caller, image => serves(ruled, image))}),
		writer: writer && ruledWriter(writer, ruled),
		cache: cache && withRules(cache, rules),
		// It asks the rules itself.
		v1: repository.v1,
		close: repository.close && (() => repository.close?.() ?? Promise.resolve()),
	};
}

type Ruled = Parameters<typeof demandServed>[0];

function ruledWriter(writer: RepositoryWriter, ruled: Ruled): RepositoryWriter {
	return {
		startUpload: async (image, ...args) => asServed(ruled, image, () => writer.startUpload(image, ...args)),
		findUpload: async (image, ...args) => asServed(ruled, image, () => writer.findUpload(image, ...args)),
		mountBlob: async (image, ...args) => asServed(ruled, image, () => writer.mountBlob(image, ...args)),
		putManifest: async (image, ...args) => asServed(ruled, image, () => writer.putManifest(image, ...args)),
		deleteManifest: (...args) => writer.deleteManifest(...args),
		deleteTag: (...args) => writer.deleteTag(...args),
		deleteBlob: (...args) => writer.deleteBlob(...args),
	};
}

function asServed<Result>(ruled: Ruled, image: ImageName, call: () => Promise<Result>): Promise<Result> {
	demandServed(ruled, image);
	return call();
}

/** Lists have what a caller may read: to this one, the other images are not there, in members neither. */
function narrow(caller: Caller, served: (image: ImageName) => boolean): Caller {
	const {name, anonymous, admin} = caller;
	return {
		name,
		anonymous,
		admin,
		may: (action, repository, image) => (image === undefined || served(image)) && caller.may(action, repository, image),
		through: caller.through && (key => narrow(caller.through?.(key) ?? caller, served)),
	};
}
