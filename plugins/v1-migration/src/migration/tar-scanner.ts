import {ConversionError} from './conversion-error.ts';
import {parsePaxRecords} from './pax-records.ts';
import {type TarHeader, parseTarHeader, tarBlockSize, trimAtNul} from './tar-header.ts';

/** Bytes of one extended header. A path that is longer cannot be unpacked anywhere. */
const maxMetaBytes = 1_048_576;

/** What the bytes are that are gathered next. `content`: how many bytes of content follow the map of a sparse file. */
type Awaited =
	| {readonly kind: 'header'}
	| {readonly kind: 'meta'; readonly header: TarHeader}
	| {readonly kind: 'sparse'; readonly content: number};

/**
 * Reads the headers of a tar that passes by, and none of its content: how many entries it has, and that no name of one
 * leads out of the folder into which it will be unpacked. Formats: ustar and pax (POSIX.1-2017, "pax"), GNU tar, and that
 * of the seventh edition. Throws `ConversionError`. Device files and links to anywhere are what base images consist of.
 */
export class TarScanner {
	#entries = 0;
	#ended = false;
	/** Bytes of content to pass over. */
	#skip = 0;
	#awaited: Awaited = {kind: 'header'};
	#wanted = tarBlockSize;
	readonly #gathered: Buffer[] = [];
	#gatheredBytes = 0;
	/** What extended headers said of the next entry. */
	#next: Partial<Pick<TarHeader, 'name' | 'link' | 'size'>> = {};

	/** Entries so far, without those that describe others. */
	get entries(): number {
		return this.#entries;
	}

	push(chunk: Buffer): void {
		let rest = chunk;
		while (rest.length > 0 && !this.#ended) {
			if (this.#skip > 0) {
				const passed = Math.min(this.#skip, rest.length);
				this.#skip -= passed;
				rest = rest.subarray(passed);
			} else {
				const taken = Math.min(this.#wanted - this.#gatheredBytes, rest.length);
				this.#gather(rest.subarray(0, taken));
				rest = rest.subarray(taken);
			}
		}
	}

	/** To be called when there is no more. A tar may lack the empty blocks at its end, and nothing else. */
	end(): void {
		if (!this.#ended && (this.#skip > 0 || this.#gatheredBytes > 0 || this.#awaited.kind !== 'header')) {
			throw new ConversionError('layer', 'the tar breaks off in the middle of an entry');
		}
	}

	#gather(piece: Buffer): void {
		this.#gatheredBytes += piece.length;
		if (this.#gatheredBytes < this.#wanted) {
			// A copy: the caller's buffer may be filled again.
			this.#gathered.push(Buffer.from(piece));
			return;
		}
		const whole = this.#gathered.length === 0 ? piece : Buffer.concat([...this.#gathered, piece]);
		this.#gathered.length = 0;
		this.#gatheredBytes = 0;
		const awaited = this.#awaited;
		this.#await({kind: 'header'});
		if (awaited.kind === 'header') {
			this.#takeHeader(whole);
		} else if (awaited.kind === 'meta') {
			this.#takeMeta(awaited.header, whole.subarray(0, awaited.header.size));
		} else {
			this.#takeSparse(awaited.content, whole);
		}
	}

	#await(awaited: Awaited, bytes = tarBlockSize): void {
		this.#awaited = awaited;
		this.#wanted = bytes;
	}

	#takeHeader(block: Buffer): void {
		const header = parseTarHeader(block);
		if (header === undefined) {
			this.#ended = true;
			return;
		}
		if (!'xgLK'.includes(header.type)) {
			this.#takeEntry({...header, ...this.#next});
			this.#next = {};
			return;
		}
		if (header.size > maxMetaBytes) {
			throw new ConversionError('layer', `an extended header of the tar has ${header.size} bytes`);
		}
		if (header.size > 0) {
			this.#await({kind: 'meta', header}, padded(header.size));
		}
	}

	#takeEntry({name, link, size, type, moreSparse}: TarHeader): void {
		this.#entries += 1;
		checkName(name, 'an entry');
		if (type === '1') {
			checkName(link, 'a hard link to');
		}
		// Links, devices, folders and pipes have no content, whatever their size says.
		const content = '123456'.includes(type) ? 0 : padded(size);
		if (moreSparse) {
			this.#await({kind: 'sparse', content});
		} else {
			this.#skip = content;
		}
	}

	/** GNU tar: further blocks of the map of a sparse file stand before its content. */
	#takeSparse(content: number, block: Buffer): void {
		if (block[504] === 0) {
			this.#skip = content;
		} else {
			this.#await({kind: 'sparse', content});
		}
	}

	#takeMeta({type}: TarHeader, content: Buffer): void {
		if (type === 'L') {
			this.#next = {...this.#next, name: trimAtNul(content)};
		} else if (type === 'K') {
			this.#next = {...this.#next, link: trimAtNul(content)};
		} else if (type === 'x') {
			this.#next = {...this.#next, ...parsePaxRecords(content)};
		}
	}
}

function padded(size: number): number {
	return Math.ceil(size / tarBlockSize) * tarBlockSize;
}

function checkName(name: string, what: string): void {
	if (name.startsWith('/') || name.split('/').includes('..')) {
		const shown = JSON.stringify(name.slice(0, 200));
		throw new ConversionError('layer', `the tar has ${what} ${shown}, which leads out of the image`);
	}
}
