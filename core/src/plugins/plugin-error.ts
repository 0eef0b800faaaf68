/** A plugin that could not be set up. The message names it and says what is wrong. */
export class PluginError extends Error {
	override readonly name = 'PluginError';
	readonly code = 'PLUGIN_FAILED';
	/** The plugin's own name. */
	readonly plugin: string;

	constructor(plugin: string, message: string, options?: ErrorOptions) {
		super(`plugin "${plugin}" ${message}`, options);
		this.plugin = plugin;
	}
}
