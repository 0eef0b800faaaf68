import {type Abortable, type Caller, type ImageName, type RepositoryWriter, everythingCaller} from '@stowage/core';
import {ConversionError} from './conversion-error.ts';
import type {ConversionMemory} from './conversion-memory.ts';
import {type ConvertedLayer, convertLayer} from './convert-layer.ts';
import type {LayerLimits} from './layer-limits.ts';
import type {V1ImageJson} from './v1-image-json.ts';
import type {V1SourceLayer, V1Source} from './v1-source.ts';

export interface LayerConverterParts extends Abortable {
	readonly source: V1Source;
	readonly writer: RepositoryWriter;
	readonly memory: ConversionMemory;
	readonly limits: LayerLimits;
	/** Who migrates; he may read every image that is asked for. */
	readonly caller: Caller;
	/** Called when a layer has been read to its end. */
	readonly onRead?: (layer: V1SourceLayer) => void;
	/** Called with how many bytes of a layer have come, each time that some have. */
	readonly onReceive?: (bytes: number) => void;
}

/** Brings layers to a repository, each once however many images have it and however often it is begun again. */
export class LayerConverter {
	readonly #parts: LayerConverterParts;
	readonly #running = new Map<string, Promise<ConvertedLayer>>();

	constructor(parts: LayerConverterParts) {
		this.#parts = parts;
	}

	/** Resolves when `target` holds what the layer of `image` has become. */
	async convert(image: V1ImageJson, target: ImageName): Promise<ConvertedLayer> {
		const {source, signal} = this.#parts;
		signal?.throwIfAborted();
		const layer = await source.findLayer(image.id, {signal});
		if (layer === undefined) {
			throw new ConversionError('layer-missing', `the layer of ${image.id.slice(0, 12)} is missing`);
		}
		try {
			const converted = await this.#convertOnce(layer, target);
			if (converted.empty && layer.size === 0 && (image.size ?? 0) > 0) {
				throw new ConversionError('layer-missing', `the layer has no bytes, and should have files of ${image.size}`);
			}
			return converted;
		} catch (error) {
			throw named(error, image);
		}
	}

	/** Whoever asks for a layer that is on its way to another image waits for it, and hears of what is wrong with it. */
	async #convertOnce(layer: V1SourceLayer, target: ImageName): Promise<ConvertedLayer> {
		const running = this.#running.get(layer.key);
		if (running === undefined) {
			return this.#begin(layer, target);
		}
		const converted = await running.catch(passOver);
		if (converted !== undefined && (converted.empty || (await this.#hold(converted, target)))) {
			return converted;
		}
		// The other image was refused, or the blob was collected since; somebody else may have begun again.
		return this.#running.get(layer.key) === running ? this.#begin(layer, target) : this.#convertOnce(layer, target);
	}

	#begin(layer: V1SourceLayer, target: ImageName): Promise<ConvertedLayer> {
		const converting = this.#recall(layer, target);
		this.#running.set(layer.key, converting);
		return converting;
	}

	async #recall(layer: V1SourceLayer, target: ImageName): Promise<ConvertedLayer> {
		const known = await this.#parts.memory.find(layer.key);
		const usable = known !== undefined && (known.empty || (await this.#hold(known, target)));
		return usable ? known : this.#convert(layer, target);
	}

	async #convert(layer: V1SourceLayer, target: ImageName): Promise<ConvertedLayer> {
		const {writer, memory, limits, caller, onRead, onReceive, signal} = this.#parts;
		const converted = await convertLayer(layer, {
			limits,
			startUpload: () => writer.startUpload(target, {caller, signal}),
			onReceive,
			signal,
		});
		await memory.keep(layer.key, converted);
		onRead?.(layer);
		return converted;
	}

	/**
	 * As a mount, in the name of who may do everything: who may read the layer there may have what is made of it here. False
	 * when no image of the repository has it any more.
	 */
	async #hold({digest}: Extract<ConvertedLayer, {empty: false}>, target: ImageName): Promise<boolean> {
		const {writer, caller, signal} = this.#parts;
		const options = {caller: everythingCaller(caller.name), signal};
		return (await writer.mountBlob(target, digest, undefined, options)) !== undefined;
	}
}

/** What is wrong with the layer is wrong for every image; all else is of the one that it was on its way to. */
function passOver(error: unknown): undefined {
	if (error instanceof ConversionError) {
		throw error;
	}
	return undefined;
}

function named(error: unknown, {id}: V1ImageJson): unknown {
	return error instanceof ConversionError
		? new ConversionError(error.code, `${id.slice(0, 12)}: ${error.message}`, {cause: error})
		: error;
}
