import type {Repository} from '@stowage/core';

/** A repository that a virtual one is made of, behind any virtual one between them. */
export interface Member {
	readonly key: string;
	/** Undefined when it cannot be asked; then `trouble` says why. */
	readonly repository?: Repository;
	readonly trouble?: unknown;
}

/** One question to one member. */
export interface Step {
	readonly member: Member;
	/** Whether only what the member stores is asked for; for members that have it all themselves it makes no difference. */
	readonly storedOnly: boolean;
	/** Whether the member may fetch what it does not store. */
	readonly fetches: boolean;
	/** Whether it is a step of the members that are asked before all others. */
	readonly priority: boolean;
}

/**
 * In which order the members are asked: those with priority before the others, and of each kind first those that have all
 * they have themselves, then what the others store, then the others again for what they can fetch; members of one kind as
 * they are configured, with those of a virtual one in its place.
 */
export class Resolution {
	/** Each once. */
	readonly members: readonly Member[];
	readonly steps: readonly Step[];
	readonly #preferring = new Map<string, readonly Step[]>();

	constructor(members: readonly Member[]) {
		this.members = members;
		this.steps = [true, false].flatMap(priority =>
			stepsOf(
				members.filter(({repository}) => (repository?.priorityResolution === true) === priority),
				priority,
			),
		);
	}

	/**
	 * The order for what a digest names, which is the same wherever it is: what is stored before what must be fetched, and
	 * of both first that of the member `key`.
	 */
	stepsPreferring(key: string | undefined): readonly Step[] {
		if (key === undefined) {
			return this.steps;
		}
		const known = this.#preferring.get(key);
		if (known !== undefined) {
			return known;
		}
		const rank = (step: Step) => (step.fetches ? 2 : 0) + (step.member.key === key ? 0 : 1);
		const steps = this.steps.toSorted((one, other) => rank(one) - rank(other));
		this.#preferring.set(key, steps);
		return steps;
	}
}

function stepsOf(members: readonly Member[], priority: boolean): readonly Step[] {
	const fetching = members.filter(({repository}) => repository?.fetches === true);
	const holding = members.filter(member => !fetching.includes(member));
	return [
		...holding.map(member => ({member, storedOnly: false, fetches: false, priority})),
		...fetching.map(member => ({member, storedOnly: true, fetches: false, priority})),
		...fetching.map(member => ({member, storedOnly: false, fetches: true, priority})),
	];
}
