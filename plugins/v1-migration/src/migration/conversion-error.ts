/** What is wrong with an image: its JSON, the images below it, a layer, or its name on the other side. */
export type ConversionFault = 'json' | 'ancestry' | 'layer' | 'layer-missing' | 'layer-too-large' | 'name';

/** An image that cannot be converted, however often it is tried. The message is for whoever migrates. */
export class ConversionError extends Error {
	override readonly name = 'ConversionError';
	readonly code: ConversionFault;

	constructor(code: ConversionFault, message: string, options: ErrorOptions = {}) {
		super(message, options);
		this.code = code;
	}
}
