import type {Dispatcher} from 'undici';
import {unlessAborted} from '../types/unless-aborted.ts';
import type {AddressGuard} from './address-guard.ts';
import {ConnectionSlots} from './connection-slots.ts';
import {createDispatcher} from './create-dispatcher.ts';
import type {OutboundClientOptions} from './outbound-client.ts';

const usualConnections = 32;

/** How long a request has waited for others of this client. */
export interface Waited {
	ms: number;
}

export interface PoolRequest extends Dispatcher.RequestOptions {
	readonly origin: string;
	readonly signal?: AbortSignal;
}

/**
 * Connections to other servers, at most so many to each. A request that finds none free waits here and not in the HTTP
 * client, which would not let go of it when its signal aborts.
 */
export class OutboundPool {
	readonly #origin: string;
	readonly #own: Dispatcher;
	readonly #others: Dispatcher;
	readonly #slots: ConnectionSlots;

	constructor(options: OutboundClientOptions, guard: AddressGuard) {
		const {origin, certificate: cert, key, connections = usualConnections} = options;
		const limited = {...options, connections};
		this.#origin = origin;
		this.#others = createDispatcher(limited, guard, {});
		this.#own = cert === undefined ? this.#others : createDispatcher(limited, guard, {cert, key});
		this.#slots = new ConnectionSlots(connections);
	}

	/** Rejects with the signal's reason as soon as it aborts. A connection is free again when the body has been closed. */
	async request(request: PoolRequest, waited: Waited): Promise<Dispatcher.ResponseData> {
		const {origin, signal} = request;
		const giveBack = await this.#take(origin, signal, waited);
		const asking = this.#ask(request, giveBack);
		return unlessAborted(asking, signal);
	}

	/** Ends what is under way. */
	async close(): Promise<void> {
		await Promise.all([this.#own.destroy(), this.#others.destroy()]);
	}

	async #take(origin: string, signal: AbortSignal | undefined, waited: Waited): Promise<() => void> {
		const since = performance.now();
		try {
			return await this.#slots.take(origin, signal);
		} finally {
			waited.ms += performance.now() - since;
		}
	}

	async #ask(request: PoolRequest, giveBack: () => void): Promise<Dispatcher.ResponseData> {
		try {
			const dispatcher = request.origin === this.#origin ? this.#own : this.#others;
			const answer = await dispatcher.request(request);
			answer.body.once('close', giveBack);
			// What is not read to its end is destroyed, and that is no error of anybody.
			answer.body.on('error', () => undefined);
			return answer;
		} catch (error) {
			giveBack();
			throw error;
		}
	}
}
