import {EventEmitter, once} from 'node:events';
import {type Stowage, startStowage, type StowageOptions} from '@stowage/test-servers';

export type Phase = 'blob' | 'manifest';

/** A registry that is killed again and again, and comes back on the same port with the same data. */
export class FragileRegistry {
	readonly folder: string;
	/** How long each start took until the registry answered, in milliseconds. */
	readonly starts: number[] = [];
	readonly #options: StowageOptions;
	readonly #phases = new EventEmitter<Record<Phase, []>>();
	#stowage: Stowage;
	#up = Promise.resolve();

	private constructor(options: StowageOptions, stowage: Stowage) {
		this.folder = options.folder;
		this.#options = {...options, port: stowage.port};
		this.#stowage = stowage;
	}

	static async start(options: StowageOptions): Promise<FragileRegistry> {
		return new FragileRegistry(options, await startStowage(options));
	}

	get url(): string {
		return this.#stowage.url;
	}

	get password(): string {
		return this.#stowage.password;
	}

	/** Settles when the registry can be used: at once, or when it has come back. */
	up(): Promise<void> {
		return this.#up;
	}

	/** To be called just before a request is sent. */
	enter(phase: Phase): void {
		this.#phases.emit(phase);
	}

	/** Settles when the next request of the phase is about to be sent. */
	async entered(phase: Phase, signal: AbortSignal): Promise<void> {
		await once(this.#phases, phase, {signal});
	}

	/** `kill -9`, and start again. Settles when the registry can be used. */
	async crash(): Promise<void> {
		const back = Promise.withResolvers<void>();
		this.#up = back.promise;
		try {
			await this.#stowage.process.kill();
			const started = performance.now();
			this.#stowage = await startStowage(this.#options);
			this.starts.push(performance.now() - started);
			back.resolve();
		} catch (error) {
			back.reject(error);
			throw error;
		}
	}

	stop(): Promise<void> {
		return this.#stowage.process.stop();
	}
}
