import {type Hash, createHash} from 'node:crypto';
import {Readable} from 'node:stream';
import type {Descriptor} from '../../oci/descriptor.ts';
import {type Digest, parseDigest} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import type {TagName} from '../../oci/tag-name.ts';
import {type V1ImageId, mostV1Ancestors} from '../../oci/v1-image-id.ts';
import type {V1CompleteOutcome, V1ImageRecord, V1Push, V1Tag} from '../../metadata/v1-records.ts';
import type {Page} from '../../types/page.ts';
import type {RepositoryContext} from '../repository-type.ts';
import {demandMutable, demandServed} from '../rules/refusals.ts';
import {serves} from '../rules/repository-rules.ts';
import type {ReceivedV1Image, V1Options, V1Writer} from './v1-images.ts';
import {isHeldBy} from './v1-visibility.ts';

const tagsAtATime = 1000;

/** The pushing side of {@link StoredV1Images}. Its words are those that clients of the first API look for. */
export class StoredV1Writer implements V1Writer {
	readonly #context: RepositoryContext;

	constructor(context: RepositoryContext) {
		this.#context = context;
	}

	async announce(image: ImageName, ids: readonly V1ImageId[], {caller}: V1Options): Promise<void> {
		demandServed(this.#context, image);
		return this.#context.records.v1.announce(image, ids, caller.name);
	}

	async putJson(id: V1ImageId, {json, parent}: Pick<V1ImageRecord, 'json' | 'parent'>, options: V1Options) {
		const {v1} = this.#context.records;
		const pushes = await this.#findPushes(id, options);
		if (pushes.length === 0) {
			throw (await this.#isVisible(id, undefined, options)) ? exists() : notAnnounced();
		}
		for (const push of pushes) {
			if (await this.#isVisible(id, push.image, options)) {
				throw exists();
			}
			if (parent !== undefined && (parent === id || !(await this.#isVisible(parent, push.image, options)))) {
				throw refusal(400, 'Image depends on a non existing parent');
			}
		}
		for (const push of pushes) {
			await v1.putJson(push, {json, parent});
		}
	}

	async putLayer(id: V1ImageId, body: Readable, options: V1Options): Promise<void> {
		const {blobs, records} = this.#context;
		const announced = await this.#findPushes(id, options);
		const [first] = announced.filter(push => push.json !== undefined);
		if (first?.json === undefined) {
			const visible = await this.#isVisible(id, announced[0]?.image, options);
			throw visible ? exists() : refusal(404, "Image's JSON not found");
		}
		const json = first.json;
		const checksum = createHash('sha256').update(json).update('\n');
		const layer = await this.#store(first.image, body, checksum, options);
		const received = {layer, checksum: `sha256:${checksum.digest('hex')}`};
		for (const push of announced.filter(other => other.json?.equals(json) === true)) {
			// The other names of the same push hold the blob too.
			if (push.image === first.image || (await blobs.hold(push.image, layer.digest)) !== undefined) {
				await records.v1.putLayer(push, received);
			}
		}
	}

	async getReceived(id: V1ImageId, options: V1Options): Promise<ReceivedV1Image> {
		const pushes = await this.#findPushes(id, options);
		const [whole] = pushes.flatMap(receivedOf);
		if (whole !== undefined) {
			return whole;
		}
		const [first] = pushes;
		if (first === undefined || (await this.#isVisible(id, first.image, options))) {
			throw refusal(409, 'Cannot set this image checksum');
		}
		throw refusal(404, first.json === undefined ? "Image's JSON not found" : "Image's layer not found");
	}

	async complete(id: V1ImageId, received: ReceivedV1Image, options: V1Options): Promise<void> {
		const pushes = await this.#findPushes(id, options);
		const same = pushes.filter(push => receivedOf(push).some(({checksum}) => checksum === received.checksum));
		if (same.length === 0) {
			throw refusal(409, 'Cannot set this image checksum');
		}
		for (const push of same) {
			const outcome = await this.#context.records.v1.complete(push);
			if (outcome !== 'stored') {
				throw refusal(...incompletes[outcome]);
			}
		}
	}

	async putTag(image: ImageName, tag: TagName, id: V1ImageId, options: V1Options): Promise<void> {
		const {records, key, rules} = this.#context;
		const {caller} = options;
		demandServed(this.#context, image);
		if (!(await this.#isVisible(id, image, options))) {
			throw refusal(404, 'Image not found');
		}
		const mayMoveTag = caller.may('delete', key, image) && rules.writes.immutableBy?.(tag) === undefined;
		const outcome = await records.v1.putTag(image, tag, id, {by: caller.name, mayMoveTag});
		if (outcome === 'unknown') {
			throw refusal(404, 'Image not found');
		}
		if (outcome === 'tag-exists') {
			demandMutable(rules, [tag]);
			throw new RegistryError('DENIED', 'pointing a tag at another image needs the right to delete', {
				detail: {tag},
			});
		}
	}

	async deleteTag(image: ImageName, tag: TagName, {caller}: V1Options): Promise<boolean> {
		const {records, rules} = this.#context;
		if (!caller.admin) {
			demandMutable(rules, [tag]);
		}
		return records.v1.deleteTag(image, tag);
	}

	async deleteName(image: ImageName, {caller}: V1Options): Promise<boolean> {
		const {records, rules} = this.#context;
		for (let after: string | undefined; !caller.admin && rules.writes.immutableBy !== undefined;) {
			const page: Page<V1Tag> = (await records.v1.listTags(image, {limit: tagsAtATime, after})) ?? {items: []};
			demandMutable(
				rules,
				page.items.map(({tag}) => tag),
			);
			if (page.next === undefined) {
				break;
			}
			after = page.next;
		}
		return records.v1.deleteName(image);
	}

	/** Under names that the caller may push to now. */
	async #findPushes(id: V1ImageId, {caller}: V1Options): Promise<readonly V1Push[]> {
		const {records, key, rules} = this.#context;
		const pushes = await records.v1.findPushes(id, caller.name);
		return pushes.filter(({image}) => serves({rules}, image) && caller.may('write', key, image));
	}

	/** Whether who pushes to `image` may know and use it: the name has it, or one that he may read. */
	#isVisible(id: V1ImageId, image: ImageName | undefined, {caller}: V1Options): Promise<boolean> {
		const {records, key} = this.#context;
		return isHeldBy(records.v1, id, name => name === image || caller.may('read', key, name));
	}

	async #store(image: ImageName, body: Readable, checksum: Hash, {caller, signal}: V1Options): Promise<Descriptor> {
		const {blobs, openUploadsPerUser} = this.#context;
		const owner = {image, startedBy: caller.name};
		const upload = await blobs.startUpload(owner, {openAtMost: openUploadsPerUser, signal});
		const content = createHash('sha256');
		const source = Readable.from(hashed(body, [content, checksum]), {objectMode: false});
		// Who appends is told; but a client may leave when nobody reads any more, and that would end the process.
		source.on('error', () => undefined);
		try {
			await upload.append(source, {signal});
			const digest: Digest = parseDigest(`sha256:${content.digest('hex')}`);
			return await upload.commit(digest, {signal});
		} catch (error) {
			await upload.cancel();
			throw error;
		} finally {
			source.destroy();
		}
	}
}

/** Leaves the body open when it is not read to its end: its sender has to be told why. */
async function* hashed(body: Readable, hashes: readonly Hash[]): AsyncGenerator<Buffer, void> {
	for await (const piece of body.iterator({destroyOnReturn: false})) {
		for (const hash of hashes) {
			hash.update(piece as Buffer);
		}
		yield piece as Buffer;
	}
}

function receivedOf({json, layer, checksum}: V1Push): readonly ReceivedV1Image[] {
	return json === undefined || layer === undefined || checksum === undefined ? [] : [{json, layer, checksum}];
}

function refusal(status: number, message: string): RegistryError {
	return new RegistryError(status === 404 ? 'NAME_UNKNOWN' : 'UNSUPPORTED', message, {status});
}

function exists(): RegistryError {
	return refusal(409, 'Image already exists');
}

function notAnnounced(): RegistryError {
	return refusal(400, 'Image was not announced: PUT /v1/repositories/<name>/ with its id first');
}

const incompletes: Readonly<Record<Exclude<V1CompleteOutcome, 'stored'>, readonly [status: number, message: string]>> =
	{
		conflict: [409, 'Image already exists with other content'],
		'parent-unknown': [400, 'Image depends on a non existing parent'],
		'too-many-ancestors': [400, `An image can be made of at most ${mostV1Ancestors}`],
		incomplete: [404, "Image's layer not found"],
		'layer-unknown': [404, "Image's layer not found"],
	};
