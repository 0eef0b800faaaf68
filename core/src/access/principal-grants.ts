import type {ImageName} from '../oci/image-name.ts';
import type {Action} from './action.ts';
import type {GrantTable} from './grant-table.ts';
import type {RepositoryClass} from './permission-target.ts';

/** Decisions that are remembered of one user: more than the images that one client handles at a time. */
const rememberedDecisions = 128;

const classWords = {local: 'ANY LOCAL', remote: 'ANY REMOTE', virtual: undefined} as const;

/** What the tables of a user and of his groups allow together. */
export class PrincipalGrants {
	readonly #tables: readonly GrantTable[];
	readonly #classOf: (repository: string) => RepositoryClass | undefined;
	/** Whether it matters what kind of thing a repository is. */
	readonly #classes: boolean;
	readonly #decisions = new Map<string, boolean>();

	constructor(tables: readonly GrantTable[], classOf: (repository: string) => RepositoryClass | undefined) {
		this.#tables = tables;
		this.#classOf = classOf;
		this.#classes = tables.some(table => table.names('ANY LOCAL') || table.names('ANY REMOTE'));
	}

	allows(action: Action, repository: string, image: ImageName | undefined): boolean {
		const word = this.#wordOf(repository);
		const key = `${action} ${repository} ${word ?? ''} ${image ?? ''}`;
		const known = this.#decisions.get(key);
		if (known !== undefined) {
			return known;
		}
		if (this.#decisions.size >= rememberedDecisions) {
			this.#decisions.clear();
		}
		const allowed = this.#tables.some(
			table =>
				table.allows(action, repository, image) ||
				table.allows(action, 'ANY', image) ||
				(word !== undefined && table.allows(action, word, image)),
		);
		this.#decisions.set(key, allowed);
		return allowed;
	}

	#wordOf(repository: string): string | undefined {
		const repositoryClass = this.#classes ? this.#classOf(repository) : undefined;
		return repositoryClass && classWords[repositoryClass];
	}
}
