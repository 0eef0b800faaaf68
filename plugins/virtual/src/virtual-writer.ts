import {
	type Action,
	type BlobSource,
	type Descriptor,
	type Digest,
	type ImageName,
	type ManifestRecord,
	type PushedManifest,
	RegistryError,
	type RepositoryWriter,
	type StartPushOptions,
	type TagName,
	type Upload,
	type WriteOptions,
} from '@stowage/core';
import {ManifestCompletion} from './complete-manifest.ts';
import {type Deployment, type DeploymentParts, openDeployment} from './deployment.ts';
import type {Members} from './members.ts';
import type {VirtualRepository} from './virtual-repository.ts';

export interface VirtualWriterParts extends Omit<DeploymentParts, 'virtual'> {
	readonly virtual: VirtualRepository;
	readonly members: Members;
}

/** Pushes to a virtual repository and deletes from it: all of it is done to one member. */
export class VirtualWriter implements RepositoryWriter {
	readonly #parts: VirtualWriterParts;

	constructor(parts: VirtualWriterParts) {
		this.#parts = parts;
	}

	async startUpload(image: ImageName, options: StartPushOptions): Promise<Upload> {
		const {algorithm} = options;
		const {writer, options: given} = await this.#open('write', image, options);
		return writer.startUpload(image, {...given, algorithm});
	}

	/** One that was started before another member began to take pushes goes on where it was started. */
	async findUpload(image: ImageName, id: string, options: WriteOptions): Promise<Upload | undefined> {
		const {repository, writer, options: given} = await this.#open('write', image, options);
		const upload = await writer.findUpload(image, id, given);
		if (upload !== undefined) {
			return upload;
		}
		const {members} = await this.#parts.members.resolve();
		for (const {key, repository: member} of members) {
			if (key === repository.key || member?.writer === undefined || !given.caller.may('write', key, image)) {
				continue;
			}
			const found = await member.writer.findUpload(image, id, given);
			if (found !== undefined) {
				return found;
			}
		}
		return undefined;
	}

	async mountBlob(
		image: ImageName,
		digest: Digest,
		from: BlobSource | undefined,
		options: WriteOptions,
	): Promise<Descriptor | undefined> {
		const {writer, options: given} = await this.#open('write', image, options);
		return writer.mountBlob(image, digest, from, given);
	}

	/** What the manifest names, and the client found through another member, comes to the one that takes it first. */
	async putManifest(image: ImageName, pushed: PushedManifest, options: WriteOptions): Promise<ManifestRecord> {
		const deployment = await this.#open('write', image, options);
		try {
			return await deployment.writer.putManifest(image, pushed, deployment.options);
		} catch (error) {
			if (!(error instanceof RegistryError && error.code === 'MANIFEST_BLOB_UNKNOWN')) {
				throw error;
			}
		}
		await new ManifestCompletion({deployment, virtual: this.#parts.virtual, image, options}).complete(pushed);
		return deployment.writer.putManifest(image, pushed, deployment.options);
	}

	async deleteManifest(image: ImageName, digest: Digest, options: WriteOptions): Promise<boolean> {
		const {writer, options: given} = await this.#open('delete', image, options);
		return writer.deleteManifest(image, digest, given);
	}

	async deleteTag(image: ImageName, tag: TagName, options: WriteOptions): Promise<boolean> {
		const {writer, options: given} = await this.#open('delete', image, options);
		return writer.deleteTag(image, tag, given);
	}

	async deleteBlob(image: ImageName, digest: Digest, options: WriteOptions): Promise<boolean> {
		const {writer, options: given} = await this.#open('delete', image, options);
		return writer.deleteBlob(image, digest, given);
	}

	#open(action: Action, image: ImageName, options: WriteOptions): Promise<Deployment> {
		const {deployment, repositories, virtual} = this.#parts;
		return openDeployment({virtual: virtual.key, deployment, repositories}, action, {image, options});
	}
}
