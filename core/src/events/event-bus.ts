import type {Logger} from '../types/logger.ts';
import type {RegistryEvent} from './registry-event.ts';

export type EventListener<Type extends RegistryEvent['type']> = (
	event: Extract<RegistryEvent, {type: Type}>,
) => void | Promise<void>;

/** Tells listeners what happened, after the fact. Whoever emits never waits for one and never sees its error. */
export class EventBus {
	readonly #listeners = new Map<RegistryEvent['type'], Set<EventListener<RegistryEvent['type']>>>();
	readonly #logger: Logger;

	constructor(logger: Logger) {
		this.#logger = logger;
	}

	/** Returns what ends the listening. */
	on<Type extends RegistryEvent['type']>(type: Type, listener: EventListener<Type>): () => void {
		const listeners = this.#listeners.get(type) ?? new Set();
		this.#listeners.set(type, listeners);
		const added = (event: RegistryEvent) => listener(event as Extract<RegistryEvent, {type: Type}>);
		listeners.add(added);
		return () => void listeners.delete(added);
	}

	/** Whether anybody listens: lets who emits often not even make the event. */
	wants(type: RegistryEvent['type']): boolean {
		return (this.#listeners.get(type)?.size ?? 0) > 0;
	}

	emit(event: RegistryEvent): void {
		for (const listener of this.#listeners.get(event.type) ?? []) {
			void this.#tell(listener, event);
		}
	}

	async #tell(listener: EventListener<RegistryEvent['type']>, event: RegistryEvent): Promise<void> {
		try {
			// The emitter's own work comes first, even before the synchronous part of a listener.
			await Promise.resolve();
			await listener(event);
		} catch (error) {
			this.#logger.error({err: error, event: event.type, repository: event.repository}, 'a listener failed');
		}
	}
}
