/** A plugin that the configuration names cannot be used. The message says what is wrong and what can be done. */
export class PluginLoadError extends Error {
	readonly code = 'PLUGIN_LOAD_FAILED';
	/** As the configuration names it. */
	readonly plugin: string;

	constructor(plugin: string, message: string, options?: ErrorOptions) {
		super(`plugin "${plugin}" ${message}`, options);
		this.name = 'PluginLoadError';
		this.plugin = plugin;
	}
}
