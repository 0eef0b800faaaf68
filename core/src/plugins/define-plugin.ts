import type {Plugin} from './plugin.ts';

/** Returns what it is given, having made TypeScript check it. */
export function definePlugin<Options extends object>(plugin: Plugin<Options>): Plugin<Options> {
	return plugin;
}
