import type {Caller} from '../access/caller.ts';
import type {Upload} from '../blobs/upload.ts';
import type {EventBus} from '../events/event-bus.ts';
import type {RegistryEvent} from '../events/registry-event.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {ImageName} from '../oci/image-name.ts';
import type {ManifestRecord} from '../oci/manifest-record.ts';
import type {Reference} from '../oci/reference.ts';
import type {RepositoryWriter} from './repository-writer.ts';
import {traitsOf} from './repository-traits.ts';
import type {ReadOptions, Repository} from './repository.ts';

type Told<Event> = Event extends RegistryEvent ? Omit<Event, 'at' | 'repository' | 'actor'> : never;

/**
 * The same repository, telling the bus what is done to it. Only for one that holds things itself: what one made of others
 * does is told by those.
 */
export function withEvents(repository: Repository, bus: EventBus): Repository {
	const {key, writer} = repository;
	const tell = (event: Told<RegistryEvent>, caller: Caller) => {
		if (bus.wants(event.type)) {
			bus.emit({...event, at: new Date(), repository: key, actor: caller.name});
		}
	};
	return {
		...traitsOf(repository),
		...reading(repository, bus, tell),
		findBlob: (image, digest, options) => repository.findBlob(image, digest, options),
		listTags: (image, page, options) => repository.listTags(image, page, options),
		listImages: (page, options) => repository.listImages(page, options),
		listReferrers: (image, subject, request, options) => repository.listReferrers(image, subject, request, options),
		writer: writer && writing(writer, tell),
		cache: repository.cache && withEvents(repository.cache, bus),
		v1: repository.v1,
		close: repository.close && (() => repository.close?.() ?? Promise.resolve()),
	};
}

type Tell = (event: Told<RegistryEvent>, caller: Caller) => void;

interface Asked {
	readonly image: ImageName;
	readonly reference: Reference;
	readonly options: ReadOptions;
}

function reading(repository: Repository, bus: EventBus, tell: Tell): Pick<Repository, 'findManifest' | 'openBlob'> {
	const telling = async (finding: ReturnType<Repository['findManifest']>, {image, reference, options}: Asked) => {
		const found = await finding;
		if (found !== undefined) {
			const {mediaType, digest, bytes} = found.manifest;
			const manifest = {mediaType, digest, size: bytes.length};
			tell({type: 'manifest.pulled', image, manifest, tag: reference.tag}, options.caller);
		}
		return found;
	};
	return {
		findManifest(image, reference, options) {
			const found = repository.findManifest(image, reference, options);
			// Pulling is this call above all: without a listener it costs nothing.
			return options.peek === true || !bus.wants('manifest.pulled')
				? found
				: telling(found, {image, reference, options});
		},
		async openBlob(image, digest, options) {
			if (!bus.wants('blob.pulled')) {
				return repository.openBlob(image, digest, options);
			}
			let size: number | undefined;
			const range = (whole: number) => {
				size = whole;
				return options.range?.(whole);
			};
			const content = await repository.openBlob(image, digest, {...options, range});
			if (content !== undefined) {
				tell({type: 'blob.pulled', image, blob: blobDescriptor(digest, size ?? content.size)}, options.caller);
			}
			return content;
		},
	};
}

function writing(writer: RepositoryWriter, tell: Tell): RepositoryWriter {
	return {
		...uploading(writer, tell),
		...deleting(writer, tell),
		async mountBlob(image, digest, from, options) {
			const blob = await writer.mountBlob(image, digest, from, options);
			if (blob !== undefined) {
				tell({type: 'blob.mounted', image, blob}, options.caller);
			}
			return blob;
		},
		async putManifest(image, pushed, options) {
			const manifest = await writer.putManifest(image, pushed, options);
			const tags = pushed.tags.length > 0 ? pushed.tags : [undefined];
			for (const tag of tags) {
				tell({type: 'manifest.pushed', image, manifest: manifestDescriptor(manifest), tag}, options.caller);
			}
			for (const {tag} of manifest.removal?.tags ?? []) {
				tell({type: 'tag.deleted', image, tag}, options.caller);
			}
			for (const {digest} of manifest.removal?.manifests ?? []) {
				tell({type: 'manifest.deleted', image, digest}, options.caller);
			}
			return manifest;
		},
	};
}

function uploading(writer: RepositoryWriter, tell: Tell): Pick<RepositoryWriter, 'startUpload' | 'findUpload'> {
	const told = (upload: Upload, image: ImageName, caller: Caller) =>
		new ToldUpload(upload, blob => tell({type: 'blob.pushed', image, blob}, caller));
	return {
		startUpload: async (image, options) => told(await writer.startUpload(image, options), image, options.caller),
		async findUpload(image, id, options) {
			const upload = await writer.findUpload(image, id, options);
			return upload && told(upload, image, options.caller);
		},
	};
}

/** Of a class, not a literal with a getter: V8 keeps what such a getter knows until the next full collection. */
class ToldUpload implements Upload {
	readonly id: string;
	readonly #upload: Upload;
	readonly #tell: (blob: Descriptor) => void;

	constructor(upload: Upload, tell: (blob: Descriptor) => void) {
		this.id = upload.id;
		this.#upload = upload;
		this.#tell = tell;
	}

	get offset(): number {
		return this.#upload.offset;
	}

	append(...args: Parameters<Upload['append']>): ReturnType<Upload['append']> {
		return this.#upload.append(...args);
	}

	async commit(...args: Parameters<Upload['commit']>): ReturnType<Upload['commit']> {
		const blob = await this.#upload.commit(...args);
		this.#tell(blob);
		return blob;
	}

	cancel(): Promise<void> {
		return this.#upload.cancel();
	}
}

function deleting(
	writer: RepositoryWriter,
	tell: Tell,
): Pick<RepositoryWriter, 'deleteManifest' | 'deleteTag' | 'deleteBlob'> {
	const when = (deleted: boolean, event: Told<RegistryEvent>, caller: Caller) => {
		if (deleted) {
			tell(event, caller);
		}
		return deleted;
	};
	return {
		async deleteManifest(image, digest, options) {
			const deleted = await writer.deleteManifest(image, digest, options);
			return when(deleted, {type: 'manifest.deleted', image, digest}, options.caller);
		},
		async deleteTag(image, tag, options) {
			const deleted = await writer.deleteTag(image, tag, options);
			return when(deleted, {type: 'tag.deleted', image, tag}, options.caller);
		},
		async deleteBlob(image, digest, options) {
			const deleted = await writer.deleteBlob(image, digest, options);
			return when(deleted, {type: 'blob.deleted', image, digest}, options.caller);
		},
	};
}

function manifestDescriptor({mediaType, digest, bytes, artifactType, annotations}: ManifestRecord): Descriptor {
	return {
		mediaType,
		digest,
		size: bytes.length,
		...(artifactType && {artifactType}),
		...(annotations && {annotations}),
	};
}

function blobDescriptor(digest: Descriptor['digest'], size: number): Descriptor {
	return {mediaType: 'application/octet-stream', digest, size};
}
