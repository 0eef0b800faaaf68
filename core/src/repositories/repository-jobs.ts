import type {JobRegistrar} from '../jobs/job-registrar.ts';
import type {Abortable} from '../types/abortable.ts';

type Run = (options: Required<Abortable>) => Promise<void>;

/**
 * Jobs of repositories, which come and go while those of the server stay: each is handed in once, and runs what the
 * repository of its key is now.
 */
export class RepositoryJobs {
	readonly #jobs: JobRegistrar;
	readonly #known = new Set<string>();
	readonly #runs = new Map<string, Run>();

	constructor(jobs: JobRegistrar) {
		this.#jobs = jobs;
	}

	/** What a repository is given. Its jobs run until `signal` aborts; their names need only differ within it. */
	of(key: string, signal: AbortSignal): JobRegistrar {
		return {
			every: (interval, name, run) => {
				const full = `repository ${key}: ${name}`;
				this.#runs.set(full, run);
				signal.addEventListener('abort', () => this.#forget(full, run), {once: true});
				if (!this.#known.has(full)) {
					this.#known.add(full);
					this.#jobs.every(interval, full, async options => this.#runs.get(full)?.(options));
				}
			},
		};
	}

	#forget(name: string, run: Run): void {
		if (this.#runs.get(name) === run) {
			this.#runs.delete(name);
		}
	}
}
