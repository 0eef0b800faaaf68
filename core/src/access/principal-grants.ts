import type {ImageName} from '../oci/image-name.ts';
import type {Action} from './action.ts';
import {cacheSuffix} from './cache-suffix.ts';
import type {GrantTable} from './grant-table.ts';
import type {OtherNameOf} from './other-name.ts';
import type {RepositoryClass} from './permission-target.ts';

/** Decisions that are remembered of one user: more than the images that one client handles at a time. */
const rememberedDecisions = 128;

const classWords = {local: 'ANY LOCAL', remote: 'ANY REMOTE', virtual: undefined} as const;

export interface PrincipalGrantsParts {
	readonly classOf: (repository: string) => RepositoryClass | undefined;
	readonly otherNameOf?: OtherNameOf;
}

/** What the tables of a user and of his groups allow together. */
export class PrincipalGrants {
	readonly #tables: readonly GrantTable[];
	readonly #classOf: PrincipalGrantsParts['classOf'];
	readonly #otherNameOf: OtherNameOf | undefined;
	/** Whether it matters of each repository what kind of thing it is. */
	readonly #classes: boolean;
	readonly #decisions = new Map<string, boolean>();

	constructor(tables: readonly GrantTable[], {classOf, otherNameOf}: PrincipalGrantsParts) {
		this.#tables = tables;
		this.#classOf = classOf;
		this.#otherNameOf = otherNameOf;
		this.#classes = tables.some(table => table.names('ANY LOCAL') || table.names('ANY REMOTE') || table.namesCaches);
	}

	allows(action: Action, repository: string, image: ImageName | undefined): boolean {
		const kind = this.#classes || repository.endsWith(cacheSuffix) ? this.#classOf(repository) : undefined;
		const otherName = image === undefined ? undefined : this.#otherNameOf?.(repository, image);
		const key = `${action} ${repository} ${kind ?? ''} ${image ?? ''} ${otherName ?? ''}`;
		const known = this.#decisions.get(key);
		if (known !== undefined) {
			return known;
		}
		if (this.#decisions.size >= rememberedDecisions) {
			this.#decisions.clear();
		}
		const names = this.#namesOf(repository, kind);
		const allowed = this.#tables.some(table => names.some(name => table.allows(action, name, {image, otherName})));
		this.#decisions.set(key, allowed);
		return allowed;
	}

	/** By which grants mean it. What is granted on a remote repository is granted on its cache, and the other way round. */
	#namesOf(repository: string, kind: RepositoryClass | undefined): readonly string[] {
		const names = [repository, 'ANY'];
		const word = kind && classWords[kind];
		if (word !== undefined) {
			names.push(word);
		}
		if (kind === 'remote') {
			const ofCache = repository.endsWith(cacheSuffix);
			const other = ofCache ? repository.slice(0, -cacheSuffix.length) : repository + cacheSuffix;
			if (this.#classOf(other) === 'remote') {
				names.push(other);
			}
		}
		return names;
	}
}
