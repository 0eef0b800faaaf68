import {apacheConfig} from '../proxy-config/apache-config.ts';
import {caddyConfig} from '../proxy-config/caddy-config.ts';
import {nginxConfig} from '../proxy-config/nginx-config.ts';
import type {ProxyProgram} from '../proxy-config/proxy-program.ts';
import {type AddressingMethod, type ProxyPlan, planProxy} from '../proxy-config/proxy-plan.ts';
import {openDatabase} from '../process/open-database.ts';
import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';

const programs: Readonly<Record<ProxyProgram, (plan: ProxyPlan) => string>> = {
	nginx: nginxConfig,
	apache: apacheConfig,
	caddy: caddyConfig,
};

export interface ProxyConfigOptions extends ConfigurationOptions {
	readonly host?: string;
	readonly methods: readonly AddressingMethod[];
	readonly certificate: string;
	readonly key: string;
	readonly httpsPort: number;
	readonly address?: string;
	readonly firstPort: number;
	readonly port: Readonly<Record<string, number>>;
}

class NoRepositoriesError extends Error {
	readonly code = 'NO_REPOSITORIES';

	constructor() {
		super('there are no repositories yet: start the registry once, or name its data folder');
		this.name = 'NoRepositoriesError';
	}
}

/** Prints what a proxy in front of the registry needs to reach the repositories that exist. */
export async function printProxyConfig(program: ProxyProgram, options: ProxyConfigOptions): Promise<void> {
	const {configuration} = await readCliConfiguration(options);
	const metadata = await openDatabase(configuration.database);
	try {
		const definitions = await metadata.definitions.list();
		if (definitions.length === 0) {
			throw new NoRepositoriesError();
		}
		const repositories = definitions.map(({key}) => key);
		const plan = planProxy({...options, configuration, repositories, ports: options.port});
		process.stdout.write(programs[program](plan));
	} finally {
		await metadata.close();
	}
}
