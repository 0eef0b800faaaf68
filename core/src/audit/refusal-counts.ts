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

/** How many kinds are told apart until they are taken; those beyond are counted as one. */
const mostKinds = 200;
const otherwise = 'many';

/** Refusals, counted by user, address, action, repository and status, so that a flood of them takes bounded room. */
export class RefusalCounts {
	readonly #kinds = new Map<string, CountedRefusal>();

	get size(): number {
		return this.#kinds.size;
	}

	add(refusal: Refusal, at: Date): void {
		this.merge({...refusal, count: 1, firstAt: at, lastAt: at});
	}

	merge(refusal: CountedRefusal): void {
		const key = keyOf(refusal);
		if (this.#kinds.has(key) || this.#kinds.size < mostKinds) {
			this.#count(key, refusal);
			return;
		}
		const {count, firstAt, lastAt, status} = refusal;
		const others = {action: otherwise, target: otherwise, address: otherwise, status, count, firstAt, lastAt};
		this.#count(`${otherwise} ${status}`, others);
	}

	/** All that was counted since the last time. */
	take(): readonly CountedRefusal[] {
		const taken = [...this.#kinds.values()];
		this.#kinds.clear();
		return taken;
	}

	#count(key: string, refusal: CountedRefusal): void {
		const known = this.#kinds.get(key);
		this.#kinds.set(
			key,
			known === undefined ? refusal : {...known, count: known.count + refusal.count, lastAt: refusal.lastAt},
		);
	}
}

function keyOf({user, claimed, address, action, repository, status}: Refusal): string {
	return JSON.stringify([user, claimed, address, action, repository, status]);
}
