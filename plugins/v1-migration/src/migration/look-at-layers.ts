import type {Abortable, V1ImageId} from '@stowage/core';
import {ConversionError} from './conversion-error.ts';
import type {ConversionMemory} from './conversion-memory.ts';
import {readChain} from './read-chain.ts';
import type {V1SourceLayer, V1Source} from './v1-source.ts';

export interface LookOptions extends Abortable {
	readonly memory: ConversionMemory;
	/** Called with each layer that would be read. */
	readonly onRead: (layer: V1SourceLayer) => void;
}

/** Whether an image has all that a conversion reads. Rejects with `ConversionError` if not. */
export async function lookAtLayers(
	source: V1Source,
	id: V1ImageId,
	{memory, onRead, signal}: LookOptions,
): Promise<void> {
	for (const image of await readChain(source, id, {signal})) {
		const layer = await source.findLayer(image.id, {signal});
		if (layer === undefined) {
			throw new ConversionError('layer-missing', `the layer of ${image.id.slice(0, 12)} is missing`);
		}
		if ((await memory.find(layer.key)) === undefined) {
			onRead(layer);
		}
	}
}
