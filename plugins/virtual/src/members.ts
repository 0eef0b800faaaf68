import {type Repositories, type Repository, RegistryError} from '@stowage/core';
import {type Member, Resolution} from './resolution.ts';

/** What was found while the resolution was made: as long as it is so still, the resolution is right. */
type Seen = readonly (readonly [key: string, repository: Repository])[];

/** Who the members are now: they are made, changed and deleted while the server runs. */
export class Members {
	readonly #keys: readonly string[];
	readonly #repositories: Repositories;
	#resolution: Resolution | undefined;
	#seen: Seen = [];

	constructor(keys: readonly string[], repositories: Repositories) {
		this.#keys = keys;
		this.#repositories = repositories;
	}

	/** Without a promise while no member has changed. */
	resolve(): Resolution | Promise<Resolution> {
		return this.#resolution !== undefined && this.#isCurrent() ? this.#resolution : this.#resolve();
	}

	#isCurrent(): boolean {
		for (const [key, repository] of this.#seen) {
			if (this.#repositories.find(key) !== repository) {
				return false;
			}
		}
		return true;
	}

	async #resolve(): Promise<Resolution> {
		const members = new Map<string, Member>();
		const seen = new Map<string, Repository>();
		await this.#add(this.#keys, members, seen);
		const resolution = new Resolution([...members.values()]);
		const whole = resolution.members.every(({repository}) => repository !== undefined);
		this.#seen = [...seen];
		// One that cannot be asked is looked for again by the next request.
		this.#resolution = whole ? resolution : undefined;
		return resolution;
	}

	/** Adds the members of these keys, and those of the virtual ones among them, that are not there already. */
	async #add(keys: readonly string[], members: Map<string, Member>, seen: Map<string, Repository>): Promise<void> {
		for (const key of keys) {
			if (members.has(key) || seen.has(key)) {
				continue;
			}
			const member = await this.#find(key);
			const {repository} = member;
			if (repository !== undefined) {
				seen.set(key, repository);
			}
			if (repository?.members === undefined) {
				members.set(key, member);
			} else {
				await this.#add(repository.members, members, seen);
			}
		}
	}

	async #find(key: string): Promise<Member> {
		try {
			const repository = await this.#repositories.get(key);
			return repository === undefined
				? {key, trouble: new RegistryError('UNAVAILABLE', 'there is no such repository')}
				: {key, repository};
		} catch (trouble) {
			return {key, trouble};
		}
	}
}
