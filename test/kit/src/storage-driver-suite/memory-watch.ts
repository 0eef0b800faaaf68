import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

const interval = 8 * 1024 * 1024;

/** How much memory is held while bytes go by. Garbage does not count: it is collected before each look. */
export class MemoryWatch {
	/** Most bytes held so far beyond those held at the start. */
	growth = 0;
	readonly #collect: () => void;
	readonly #start: number;
	#passed = 0;

	constructor() {
		setFlagsFromString('--expose-gc');
		this.#collect = runInNewContext('gc') as () => void;
		this.#start = this.#held();
	}

	/** Told of every chunk; looks once in a while. */
	pass(bytes: number): void {
		this.#passed += bytes;
		if (this.#passed >= interval) {
			this.#passed = 0;
			this.growth = Math.max(this.growth, this.#held() - this.#start);
		}
	}

	#held(): number {
		this.#collect();
		const {heapUsed, external} = process.memoryUsage();
		return heapUsed + external;
	}
}
