/** What the registry has acknowledged, and so must keep. */
export class Journal {
	/** Blobs that were answered with 201, or that HEAD was answered with 200 for: by image and digest. */
	readonly blobs = new Map<string, {readonly image: string; readonly digest: string; readonly bytes: Buffer}>();
	/** Manifests that were answered with 201: by image and tag. */
	readonly manifests = new Map<
		string,
		{readonly image: string; readonly tag: string; readonly digest: string; readonly bytes: Buffer}
	>();
	/** Appends that were answered with 202. */
	appends = 0;
	/** Uploads that were gone on with after a crash, from where they stood. */
	resumed = 0;
	/** Requests that a crash cut off, by what they were about. */
	readonly cut = {blob: 0, manifest: 0};

	addBlob(image: string, digest: string, bytes: Buffer): void {
		this.blobs.set(`${image}@${digest}`, {image, digest, bytes});
	}

	addManifest(image: string, tag: string, digest: string, bytes: Buffer): void {
		this.manifests.set(`${image}:${tag}`, {image, tag, digest, bytes});
	}
}
