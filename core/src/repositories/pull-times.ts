import type {ManifestPull, RepositoryRecords} from '../metadata/repository-records.ts';
import type {Digest} from '../oci/digest.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {Logger} from '../types/logger.ts';

const flushMs = 30_000;
const most = 10_000;

/** When manifests were last asked for: gathered here, written now and then, so that no pull waits for it. */
export class PullTimes {
	readonly #records: Pick<RepositoryRecords, 'notePulls'>;
	readonly #logger: Logger;
	readonly #timer: NodeJS.Timeout;
	#times = new Map<ImageName, Map<Digest, number>>();
	#count = 0;
	#writing: Promise<void> = Promise.resolve();

	constructor(records: Pick<RepositoryRecords, 'notePulls'>, logger: Logger) {
		this.#records = records;
		this.#logger = logger;
		this.#timer = setInterval(() => void this.flush(), flushMs);
		this.#timer.unref();
	}

	note(image: ImageName, digest: Digest): void {
		let times = this.#times.get(image);
		if (times === undefined) {
			times = new Map();
			this.#times.set(image, times);
		}
		const before = times.size;
		times.set(digest, Date.now());
		this.#count += times.size - before;
		if (this.#count >= most) {
			void this.flush();
		}
	}

	/** Writes what was gathered. What cannot be written is told and forgotten: the next pull notes it again. */
	flush(): Promise<void> {
		const pulls: ManifestPull[] = [];
		for (const [image, times] of this.#times) {
			for (const [digest, time] of times) {
				pulls.push({image, digest, at: new Date(time)});
			}
		}
		this.#times = new Map();
		this.#count = 0;
		if (pulls.length > 0) {
			this.#writing = this.#writing.then(() => this.#write(pulls));
		}
		return this.#writing;
	}

	async close(): Promise<void> {
		clearInterval(this.#timer);
		await this.flush();
	}

	async #write(pulls: readonly ManifestPull[]): Promise<void> {
		try {
			await this.#records.notePulls(pulls);
		} catch (error) {
			this.#logger.warn({err: error}, 'times of pulls could not be written');
		}
	}
}
