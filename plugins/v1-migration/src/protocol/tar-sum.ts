import {type Hash, createHash} from 'node:crypto';
import {parseTarHeader, tarBlockSize, trimAtNul} from '../migration/tar-header.ts';
import {refusal} from './answers.ts';
import {type TarFields, fieldsOfBlock, fieldsOfPax} from './tar-fields.ts';

export type TarSumVersion = 'tarsum' | 'tarsum.v1';

/** In the order in which they are hashed; the second version leaves out the time. */
const fieldNames = [
	'name',
	'mode',
	'uid',
	'gid',
	'size',
	'mtime',
	'typeflag',
	'linkname',
	'uname',
	'gname',
	'devmajor',
	'devminor',
];
/** Bytes of all that extended headers say of one entry. */
const largestMeta = 1_048_576;
/** Fields of one entry: more than that many extended attributes no file system has. */
const mostFields = 10_000;
/** Entries of one layer: each is remembered by 64 bytes until the end, when they are sorted. */
const mostEntries = 200_000;

interface Gathering {
	/** `header`: the next block; otherwise the type of an extended header whose content this is. */
	readonly kind: string;
	/** Without what fills the last block. */
	readonly size: number;
}

const header: Gathering = {kind: 'header', size: tarBlockSize};

/**
 * The sum of a layer and its JSON that does not depend on the order of entries, nor on compression (TarSum, in the Docker
 * project's specification of it): what engines told before they told that of the bytes themselves.
 */
export class TarSum {
	readonly #version: TarSumVersion;
	readonly #sums: string[] = [];
	#gathering = header;
	#gathered: Buffer[] = [];
	#gatheredBytes = 0;
	readonly #extended = new Map<string, string>();
	#extendedBytes = 0;
	#entry: Hash | undefined;
	#content = 0;
	#padding = 0;
	#ended = false;

	constructor(version: TarSumVersion) {
		this.#version = version;
	}

	/** Throws 400 for what is no tar. */
	push(chunk: Buffer): void {
		for (let rest = chunk; rest.length > 0 && !this.#ended;) {
			rest = rest.subarray(this.#take(rest));
		}
	}

	/** The sum, as clients write it. */
	end(json: Buffer): string {
		const hash = createHash('sha256').update(json);
		for (const sum of this.#sums.toSorted()) {
			hash.update(sum);
		}
		return `${this.#version}+sha256:${hash.digest('hex')}`;
	}

	#take(bytes: Buffer): number {
		if (this.#content > 0) {
			const taken = Math.min(this.#content, bytes.length);
			this.#entry?.update(bytes.subarray(0, taken));
			this.#content -= taken;
			if (this.#content === 0) {
				this.#endEntry();
			}
			return taken;
		}
		if (this.#padding > 0) {
			const taken = Math.min(this.#padding, bytes.length);
			this.#padding -= taken;
			return taken;
		}
		const {size} = this.#gathering;
		const wanted = size + paddingOf(size);
		const taken = Math.min(wanted - this.#gatheredBytes, bytes.length);
		this.#gathered.push(Buffer.from(bytes.subarray(0, taken)));
		this.#gatheredBytes += taken;
		if (this.#gatheredBytes === wanted) {
			const whole = Buffer.concat(this.#gathered, size);
			this.#gathered = [];
			this.#gatheredBytes = 0;
			this.#takeGathered(whole);
		}
		return taken;
	}

	#takeGathered(whole: Buffer): void {
		const {kind} = this.#gathering;
		this.#gathering = header;
		if (kind === 'header') {
			this.#takeHeader(whole);
			return;
		}
		if (kind !== 'g') {
			this.#extend(
				kind === 'x' ? fieldsOfPax(whole) : new Map([[kind === 'L' ? 'name' : 'linkname', trimAtNul(whole)]]),
			);
		}
	}

	#extend(said: TarFields): void {
		for (const [name, value] of said) {
			this.#extended.set(name, value);
		}
		if (this.#extended.size > mostFields) {
			throw refusal(400, 'the layer has an entry with too many fields');
		}
	}

	#takeHeader(block: Buffer): void {
		const found = parseTarHeader(block);
		if (found === undefined) {
			this.#ended = true;
			return;
		}
		const {name, size, type} = found;
		if ('xgLK'.includes(type)) {
			this.#extendedBytes += type === 'g' ? 0 : size;
			if (Math.max(size, this.#extendedBytes) > largestMeta) {
				throw refusal(400, 'the layer has an extended header that is too large');
			}
			this.#gathering = size === 0 ? header : {kind: type, size};
			return;
		}
		const fields = new Map([['name', name], ['size', String(size)], ...fieldsOfBlock(block), ...this.#extended]);
		this.#extended.clear();
		this.#extendedBytes = 0;
		this.#startEntry(fields, '123456'.includes(type) ? 0 : Number(fields.get('size')));
	}

	#startEntry(fields: TarFields, size: number): void {
		if (!Number.isSafeInteger(size) || this.#sums.length >= mostEntries) {
			throw refusal(400, 'the layer is no tar whose sum can be told');
		}
		this.#entry = createHash('sha256');
		const later = this.#version === 'tarsum.v1';
		for (const name of fieldNames) {
			if (!(later && name === 'mtime')) {
				this.#entry.update(name + (fields.get(name) ?? ''), 'latin1');
			}
		}
		for (const name of later ? [...fields.keys()].toSorted() : []) {
			if (name.startsWith('xattr ')) {
				this.#entry.update(name.slice('xattr '.length) + (fields.get(name) ?? ''), 'latin1');
			}
		}
		this.#content = size;
		this.#padding = paddingOf(size);
		if (size === 0) {
			this.#endEntry();
		}
	}

	#endEntry(): void {
		this.#sums.push(this.#entry?.digest('hex') ?? '');
		this.#entry = undefined;
	}
}

function paddingOf(size: number): number {
	return (tarBlockSize - (size % tarBlockSize)) % tarBlockSize;
}
