import {AccessRules, type Logger, type MetadataStore, type OtherNameOf, type RepositoryClass} from '@stowage/core';
import {Watched} from './watched.ts';

export interface AccessWatchParts {
	readonly metadata: Pick<MetadataStore, 'accessRevision' | 'groups' | 'permissionTargets'>;
	readonly logger: Logger;
	readonly anonymousRead: boolean;
	readonly classOf: (repository: string) => RepositoryClass | undefined;
	readonly membersOf?: (repository: string) => readonly string[];
	readonly otherNameOf?: OtherNameOf;
	/** Called before rules of another revision are used: what else changes with it is read again. */
	readonly onChange: () => Promise<void>;
	readonly now: () => number;
}

interface Revised {
	readonly revision: number;
	readonly rules: AccessRules;
}

/** The rules of who may do what, as groups and permission targets on any node were at most four seconds ago. */
export class AccessWatch {
	readonly otherNameOf: OtherNameOf | undefined;
	readonly #watched: Watched<Revised>;

	private constructor(watched: Watched<Revised>, otherNameOf: OtherNameOf | undefined) {
		this.otherNameOf = otherNameOf;
		this.#watched = watched;
	}

	static async open(parts: AccessWatchParts): Promise<AccessWatch> {
		const {logger, now} = parts;
		let last: Revised | undefined;
		const read = async () => (last = await readRules(parts, last));
		const watched = await Watched.open({what: 'permission targets', read, logger, now});
		return new AccessWatch(watched, parts.otherNameOf);
	}

	/** Another object after every change. */
	get rules(): AccessRules {
		return this.#watched.value.rules;
	}

	/** Undefined when the rules are recent; else resolves when they are again. */
	refresh(): Promise<void> | undefined {
		return this.#watched.refresh();
	}

	/** What was read before is not relied on any more: for who has just made a change. */
	expire(): void {
		this.#watched.expire();
	}
}

async function readRules(parts: AccessWatchParts, last: Revised | undefined): Promise<Revised> {
	const {metadata, anonymousRead, classOf, membersOf, otherNameOf, onChange} = parts;
	// Before the lists, so that a change in between is taken up the next time.
	const revision = await metadata.accessRevision.current();
	if (revision === last?.revision) {
		return last;
	}
	const [targets, groups] = await Promise.all([metadata.permissionTargets.list(), metadata.groups.list()]);
	if (last !== undefined) {
		await onChange();
	}
	return {revision, rules: new AccessRules({targets, groups, anonymousRead, classOf, membersOf, otherNameOf})};
}
