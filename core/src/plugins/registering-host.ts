import type {EventBus, EventListener} from '../events/event-bus.ts';
import type {RegistryEvent} from '../events/registry-event.ts';
import type {JobRegistrar} from '../jobs/job-registrar.ts';
import type {Repositories} from '../repositories/repositories.ts';
import type {Logger} from '../types/logger.ts';
import type {Additions} from './additions.ts';
import {PluginError} from './plugin-error.ts';
import type {Plugin, PluginHost} from './plugin.ts';
import type {ProtocolOptions} from './protocol-options.ts';
import type {Routes} from './routes.ts';

export interface HostParts {
	readonly logger: Logger;
	readonly jobs: JobRegistrar;
	readonly repositories: Repositories;
	readonly events: EventBus;
}

/** What one plugin sees of the server while it is set up. */
export class RegisteringHost implements PluginHost {
	readonly logger: Logger;
	readonly jobs: JobRegistrar;
	readonly repositories: Repositories;
	readonly #plugin: string;
	readonly #protocols: readonly string[] | undefined;
	readonly #events: EventBus;
	readonly #additions: Additions;
	readonly #closers: (() => Promise<void>)[] = [];
	#open = true;

	constructor(
		{name: plugin, protocols}: Pick<Plugin, 'name' | 'protocols'>,
		{logger, jobs, repositories, events}: HostParts,
		additions: Additions,
	) {
		this.#plugin = plugin;
		this.#protocols = protocols;
		this.#events = events;
		this.#additions = additions;
		this.logger = logger.child({plugin});
		this.repositories = repositories;
		this.jobs = {
			every: (interval, name, run) => {
				this.#check('jobs.every');
				jobs.every(interval, `${plugin}: ${name}`, run);
			},
		};
	}

	/** In the order of calls. */
	get closers(): readonly (() => Promise<void>)[] {
		return this.#closers;
	}

	/** Refuses further calls. */
	finish(): void {
		this.#open = false;
	}

	protocol(name: string, define: (routes: Routes) => void, options?: ProtocolOptions): void {
		this.#check('protocol');
		if (this.#protocols?.includes(name) === false) {
			throw new PluginError(this.#plugin, `adds the protocol "${name}", which is not among its "protocols"`);
		}
		this.#additions.addProtocol({plugin: this.#plugin, name, define, options});
	}

	routes(prefix: `/${string}`, define: (routes: Routes) => void): void {
		this.#check('routes');
		this.#additions.addRoutes({plugin: this.#plugin, prefix, define});
	}

	on<Type extends RegistryEvent['type']>(type: Type, listener: EventListener<Type>): void {
		this.#check('on');
		const stop = this.#events.on(type, listener);
		this.#closers.push(async () => stop());
	}

	onClose(close: () => Promise<void>): void {
		this.#check('onClose');
		this.#closers.push(close);
	}

	#check(call: string): void {
		if (!this.#open) {
			throw new PluginError(this.#plugin, `called host.${call}() after its setup() had ended`);
		}
	}
}
