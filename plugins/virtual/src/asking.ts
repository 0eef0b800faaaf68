import {
	type Caller,
	type ImageName,
	LazyReadOptions,
	type Page,
	type ReadOptions,
	RegistryError,
	type Repositories,
	type Repository,
	serves,
} from '@stowage/core';
import {troubleOf} from './member-trouble.ts';
import type {Member, Step} from './resolution.ts';

export interface AskingParts {
	/** Of the virtual repository. */
	readonly key: string;
	readonly repositories: Repositories;
}

/** A client's question to a virtual repository, as its members are asked it. */
export class Asking {
	/** The client, as members know him. */
	readonly caller: Caller;
	readonly #parts: AskingParts;
	readonly #options: ReadOptions;
	readonly #warnings = new Set<string>();
	/** Whether a refusal has ended the search. */
	#refused = false;
	#whole: ReadOptions | undefined;
	#stored: ReadOptions | undefined;

	constructor(parts: AskingParts, options: ReadOptions) {
		this.caller = options.caller.through?.(parts.key) ?? options.caller;
		this.#parts = parts;
		this.#options = options;
	}

	/** What a member is given. */
	get options(): ReadOptions {
		return (this.#whole ??= this.#optionsWith(this.#options.storedOnly));
	}

	/** The same for one that shall answer only with what it stores, which it keeps as current as it would for anybody. */
	get storedOptions(): ReadOptions {
		return (this.#stored ??= this.#optionsWith(true));
	}

	/**
	 * Whether the client may read there; without `image`, whether any image. To him other members are not there, nor are
	 * those that do not serve the registry that he means, or that their rules keep from serving the image.
	 */
	sees({key, repository}: Member, image?: ImageName): boolean {
		const {namespace} = this.#options;
		if (repository?.rules !== undefined && !serves(repository, image)) {
			return false;
		}
		return this.caller.may('read', key, image) && (namespace === undefined || this.#serves(namespace, key));
	}

	/**
	 * Asks one member for a part of a list; rejects with what says which one is in trouble. What the member warns of goes to
	 * `warning`, as does that its upstream does not say whether it has the image: then it lists nothing.
	 */
	async list<Item>(
		member: Member,
		question: (repository: Repository, options: ReadOptions) => Promise<Page<Item> | undefined>,
	): Promise<Page<Item> | undefined> {
		try {
			const page = await question(repositoryOf(member), this.options);
			if (page?.warning !== undefined) {
				this.#warnings.add(page.warning);
			}
			return page;
		} catch (error) {
			const trouble = this.#troubleOf(error, member);
			if (trouble instanceof RegistryError && trouble.elsewhere === 'unseen') {
				this.#warnings.add(trouble.message);
				return undefined;
			}
			throw trouble;
		}
	}

	/** What the lists so far warn of. */
	get warning(): string | undefined {
		return this.#warnings.size === 0 ? undefined : [...this.#warnings].join('; ');
	}

	/** What the first member answers that has an answer, with that member. Trouble with one ends the search. */
	async askFirst<Answer>(
		steps: readonly Step[],
		image: ImageName,
		question: (repository: Repository, options: ReadOptions) => Promise<Answer | undefined>,
	): Promise<{readonly answer: Answer; readonly member: Member} | undefined> {
		for (const {member, storedOnly, fetches} of steps) {
			if (this.#refused) {
				return undefined;
			}
			if ((fetches && this.#options.storedOnly === true) || !this.sees(member, image)) {
				continue;
			}
			try {
				const answer = await question(repositoryOf(member), storedOnly ? this.storedOptions : this.options);
				if (answer !== undefined) {
					return {answer, member};
				}
			} catch (error) {
				if (this.#isRefusal(error, member)) {
					this.#refused = true;
					return undefined;
				}
				throw this.#troubleOf(error, member);
			}
		}
		return undefined;
	}

	/**
	 * An upstream that lets nobody see what he may not read (Docker Hub does so) refuses what does not exist. Who only asks
	 * whether it is there, as clients do before they push, is told that it is not; still no other member is asked.
	 */
	#isRefusal(error: unknown, {repository}: Member): boolean {
		const refused = error instanceof RegistryError && (error.status === 401 || error.status === 403);
		return refused && this.#options.peek === true && repository?.fetches === true;
	}

	#troubleOf(error: unknown, {key}: Member): unknown {
		return troubleOf(error, {virtual: this.#parts.key, member: key, signal: this.#options.signal});
	}

	#serves(namespace: string, key: string): boolean {
		const {repositories} = this.#parts;
		return repositories.findMirror === undefined || repositories.findMirror(namespace, key) !== undefined;
	}

	/** The signal stays one that is only made when somebody looks at it. */
	#optionsWith(storedOnly: boolean | undefined): ReadOptions {
		const given = this.#options;
		if (given.caller === this.caller && given.storedOnly === storedOnly) {
			return given;
		}
		const revalidate = given.storedOnly === true ? given.revalidate : storedOnly;
		return new LazyReadOptions({caller: this.caller, storedOnly, revalidate, peek: given.peek}, given);
	}
}

function repositoryOf({repository, trouble}: Member): Repository {
	if (repository === undefined) {
		throw trouble;
	}
	return repository;
}
