import {type Plugin, pluginApi} from './plugin.ts';

/** Members of a plugin that are lists of what it offers. */
const offered = ['storageDrivers', 'repositoryTypes', 'authenticators'] as const;

export interface PluginProblem {
	/** The plugin, as the configuration names it. */
	readonly plugin: string;
	/** JSON pointer into the plugin's options; empty when the problem is the plugin itself. */
	readonly path: string;
	readonly message: string;
}

export type CheckedPlugin =
	{readonly plugin: Plugin; readonly problem?: undefined} | {readonly plugin?: undefined; readonly problem: string};

/** Whether a module's default export is a plugin that this server can use. `problem` says what to do about it. */
export function checkPlugin(exported: unknown): CheckedPlugin {
	if (!isObject(exported) || !('api' in exported)) {
		return {problem: 'is no plugin: its default export must be what definePlugin() gives'};
	}
	if (exported['api'] !== pluginApi) {
		return {problem: otherApi(exported['api'])};
	}
	if (typeof exported['name'] !== 'string' || exported['name'] === '') {
		return {problem: 'has no name: its "name" must be that of its package'};
	}
	const problem = wrongMember(exported);
	return problem === undefined ? {plugin: exported as unknown as Plugin} : {problem};
}

function otherApi(api: unknown): string {
	const advice =
		Number(api) > pluginApi ? 'update the server, or install an older version of it' : 'install a newer version of it';
	return `is written for plugin API ${String(api)}, and this server has ${pluginApi}; ${advice}`;
}

function wrongMember({options, setup, ...offers}: Readonly<Record<string, unknown>>) {
	if (options !== undefined && !isObject(options)) {
		return 'is wrong: its "options" must be a JSON Schema';
	}
	if (setup !== undefined && typeof setup !== 'function') {
		return 'is wrong: its "setup" must be a function';
	}
	const {migrations, protocols} = offers;
	if (protocols !== undefined && !(Array.isArray(protocols) && protocols.every(isWord))) {
		return 'is wrong: its "protocols" must be a list of lower-case words';
	}
	if (migrations !== undefined && !(Array.isArray(migrations) && migrations.every(isMigration))) {
		return 'is wrong: its "migrations" must be a list of "type", a lower-case word, with a function "migrate"';
	}
	return offered.map(member => wrongOffer(member, offers[member])).find(problem => problem !== undefined);
}

function wrongOffer(member: string, offers: unknown): string | undefined {
	if (offers === undefined) {
		return undefined;
	}
	if (!Array.isArray(offers)) {
		return `is wrong: its "${member}" must be a list`;
	}
	for (const [index, offer] of offers.entries()) {
		const {type, options, create} = isObject(offer) ? offer : {};
		if (!isWord(type)) {
			return `is wrong: "type" of ${member}[${index}] must be a lower-case word`;
		}
		if (!isObject(options) || typeof create !== 'function') {
			return `is wrong: "${type}" in its "${member}" must have "options", a JSON Schema, and a function "create"`;
		}
	}
	return undefined;
}

function isMigration(value: unknown): boolean {
	return isObject(value) && isWord(value['type']) && typeof value['migrate'] === 'function';
}

function isWord(type: unknown): type is string {
	return typeof type === 'string' && /^[a-z][a-z0-9-]*$/.test(type);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
