import {networkOf} from '../types/network-of.ts';

/** Somebody was not let. */
export interface Refusal {
	/** Who has signed in. */
	readonly user?: string;
	/** The name under which somebody tried to: shown only when there is a user of that name, for people mistype passwords there. */
	readonly claimed?: string;
	readonly action: string;
	readonly target: string;
	readonly repository?: string;
	readonly address: string;
	readonly requestId?: string;
	readonly status: number;
}

/** Refusals of the same kind; what is not in the kind is that of the first. */
export interface CountedRefusal extends Refusal {
	readonly count: number;
	readonly firstAt: Date;
	readonly lastAt: Date;
}

/** How many kinds are told apart until they are taken. */
const mostKinds = 200;
/** How many of them may come from one place, so that nobody takes the room of all others. */
const mostKindsOfOne = 10;
/** From how many places those beyond are counted as one per place; all further ones are one. */
const mostPlaces = 100;
const otherwise = 'many';

/**
 * Refusals, counted by user, address, action, repository and status, so that a flood of them takes bounded room: what one
 * place sends beyond some kinds is counted as `many`, with its address.
 */
export class RefusalCounts {
	readonly #kinds = new Map<string, CountedRefusal>();
	/** How many kinds came from a network. */
	readonly #places = new Map<string, number>();
	readonly #others = new Map<string, CountedRefusal>();

	add(refusal: Refusal, at: Date): void {
		this.merge({...refusal, count: 1, firstAt: at, lastAt: at});
	}

	merge(refusal: CountedRefusal): void {
		const key = keyOf(refusal);
		if (refusal.action !== otherwise && (this.#kinds.has(key) || this.#takeRoom(refusal.address))) {
			count(this.#kinds, key, refusal);
		} else {
			this.#countOther(refusal);
		}
	}

	/** All that was counted since the last time. */
	take(): readonly CountedRefusal[] {
		const taken = [...this.#kinds.values(), ...this.#others.values()];
		for (const counted of [this.#kinds, this.#places, this.#others]) {
			counted.clear();
		}
		return taken;
	}

	#takeRoom(address: string): boolean {
		const place = networkOf(address);
		const taken = this.#places.get(place) ?? 0;
		const free = this.#kinds.size < mostKinds && taken < mostKindsOfOne;
		if (free) {
			this.#places.set(place, taken + 1);
		}
		return free;
	}

	#countOther(refusal: CountedRefusal): void {
		const {status, firstAt, lastAt} = refusal;
		const key = `${status} ${networkOf(refusal.address)}`;
		const told = this.#others.has(key) || this.#others.size < mostPlaces;
		const address = told ? refusal.address : otherwise;
		const other = {action: otherwise, target: otherwise, address, status, count: refusal.count, firstAt, lastAt};
		count(this.#others, told ? key : `${status} ${otherwise}`, other);
	}
}

function count(counted: Map<string, CountedRefusal>, key: string, refusal: CountedRefusal): void {
	const known = counted.get(key);
	counted.set(
		key,
		known === undefined ? refusal : {...known, count: known.count + refusal.count, lastAt: refusal.lastAt},
	);
}

function keyOf({user, claimed, address, action, repository, status}: Refusal): string {
	return JSON.stringify([user, claimed, address, action, repository, status]);
}
