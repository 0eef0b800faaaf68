import type {ImageName} from '../oci/image-name.ts';
import type {RepositoryRules} from './rules/repository-rules.ts';

/** What a repository says of itself, and a wrapper of it hands on. */
export interface RepositoryTraits {
	/** The repository key: the word in URLs and in permissions. */
	readonly key: string;
	readonly type: string;
	/** Keys of the repositories that it is made of, in its order. Left out by one that has things itself. */
	readonly members?: readonly string[];
	/** Key of the member that takes what is pushed. Only where there are members. */
	readonly deployment?: string;
	/** Whether it gets from elsewhere what it does not store. Only such a repository looks at `ReadOptions.storedOnly`. */
	readonly fetches?: boolean;
	/** Whether a repository made of others asks this one before those of its members that do not say so. */
	readonly priorityResolution?: boolean;
	/** The one name of an image here. Only where clients may use another for it, as for those of Docker Hub in `library/`. */
	readonly nameOf?: (image: ImageName) => ImageName;
	/** Why nobody can push to it, as a sentence for the client. Only where there is no writer. */
	readonly readOnlyBecause?: string;
	/** Names of the protocols that it speaks: `v2` alone unless told. */
	readonly protocols?: readonly string[];
	/** Those of its context: for who writes its rows without its writer, or asks whether it has an image at all. */
	readonly rules?: RepositoryRules;
}

/** They alone, for a wrapper. */
export function traitsOf(repository: RepositoryTraits): RepositoryTraits {
	const {key, type, members, deployment, fetches, priorityResolution, nameOf, readOnlyBecause, protocols, rules} =
		repository;
	return {key, type, members, deployment, fetches, priorityResolution, nameOf, readOnlyBecause, protocols, rules};
}
