/** How far the layers of somebody else's images are read. */
export interface LayerLimits {
	/** Bytes of the tar in one layer. */
	readonly maxLayerBytes: number;
	/** How many times as many bytes as the layer itself its tar may have, beyond {@link freeBytes}. */
	readonly maxExpansion: number;
}

/** A tar of so many bytes is read whatever it was compressed to: holes in files compress a thousandfold. */
export const freeBytes = 64 * 1024 * 1024;
