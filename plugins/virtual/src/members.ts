import {
	type Repositories,
	type Repository,
	type RepositoryRules,
	RegistryError,
	type Way,
	findWays,
	leavesOut,
	throughWays,
} from '@stowage/core';
import {type Member, Resolution} from './resolution.ts';

/** What was found while the resolution was made: as long as it is so still, the resolution is right. */
type Seen = readonly (readonly [key: string, repository: Repository])[];

export interface MembersParts {
	/** Of the virtual repository. */
	readonly key: string;
	readonly rules: RepositoryRules;
	readonly repositories: Repositories;
}

/** Who the members are now: they are made, changed and deleted while the server runs. */
export class Members {
	readonly #keys: readonly string[];
	readonly #parts: MembersParts;
	#resolution: Resolution | undefined;
	#seen: Seen = [];

	constructor(keys: readonly string[], parts: MembersParts) {
		this.#keys = keys;
		this.#parts = parts;
	}

	/** Without a promise while no member has changed. */
	resolve(): Resolution | Promise<Resolution> {
		return this.#resolution !== undefined && this.#isCurrent() ? this.#resolution : this.#resolve();
	}

	#isCurrent(): boolean {
		for (const [key, repository] of this.#seen) {
			if (this.#parts.repositories.find(key) !== repository) {
				return false;
			}
		}
		return true;
	}

	async #resolve(): Promise<Resolution> {
		const found = new Map<string, Member>();
		const ways = await findWays(this.#keys, async key => {
			const member = found.get(key) ?? (await this.#find(key));
			found.set(key, member);
			return member.repository;
		});
		const members = [...ways].flatMap(([key, ways]) => this.#through(found.get(key), ways));
		const whole = members.every(({repository}) => repository !== undefined);
		const resolution = new Resolution(members);
		this.#seen = [...found].flatMap(([key, {repository}]) => (repository === undefined ? [] : [[key, repository]]));
		// One that cannot be asked is looked for again by the next request.
		this.#resolution = whole ? resolution : undefined;
		return resolution;
	}

	/** The member without what the virtual repositories on all ways to it leave out. */
	#through(member: Member | undefined, ways: readonly Way[]): readonly Member[] {
		if (member?.repository === undefined) {
			return member === undefined ? [] : [member];
		}
		const {key, repository} = member;
		// Our own rules are asked before us, but know images by the names that clients use here, and not by the member's.
		const renames = repository.rules?.otherNameOf !== undefined && leavesOut(this.#parts);
		const all = renames ? ways.map(way => [this.#parts, ...way]) : ways;
		return [{key, repository: throughWays(repository, all)}];
	}

	async #find(key: string): Promise<Member> {
		try {
			const repository = await this.#parts.repositories.get(key);
			return repository === undefined
				? {key, trouble: new RegistryError('UNAVAILABLE', 'there is no such repository')}
				: {key, repository};
		} catch (trouble) {
			return {key, trouble};
		}
	}
}
