import {ConversionError} from './conversion-error.ts';

export const tarBlockSize = 512;

export interface TarHeader {
	readonly name: string;
	/** What a link names. */
	readonly link: string;
	/** Bytes of content. */
	readonly size: number;
	/** One character; that of a plain file is `0`. */
	readonly type: string;
	/** Whether more of the map of a sparse file follows in blocks of its own. */
	readonly moreSparse: boolean;
}

/** Undefined for an empty block, which ends the tar. Throws `ConversionError` for what is no header. */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
	if (block.every(byte => byte === 0)) {
		return undefined;
	}
	checkSum(block);
	const type = block[156] === 0 ? '0' : String.fromCodePoint(block[156] ?? 0);
	const name = trimAtNul(block.subarray(0, 100));
	const posix = block.subarray(257, 263).equals(Buffer.from('ustar\0'));
	const prefix = posix ? trimAtNul(block.subarray(345, 500)) : '';
	return {
		name: prefix === '' ? name : `${prefix}/${name}`,
		link: trimAtNul(block.subarray(157, 257)),
		size: parseNumber(block.subarray(124, 136)),
		type,
		moreSparse: type === 'S' && block[482] !== 0,
	};
}

export function trimAtNul(bytes: Buffer): string {
	const end = bytes.indexOf(0);
	// Every byte is a character: only slashes and dots are looked at.
	return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** The sum of all bytes, its own field as spaces; some old tars took them for signed. */
function checkSum(block: Buffer): void {
	const told = parseNumber(block.subarray(148, 156));
	let [unsigned, signed] = [0, 0];
	for (let index = 0; index < tarBlockSize; index += 1) {
		const byte = index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0);
		unsigned += byte;
		signed += byte > 127 ? byte - 256 : byte;
	}
	if (told !== unsigned && told !== signed) {
		throw new ConversionError('layer', 'the layer is no tar');
	}
}

/** Octal, or with the highest bit set in base 256 (GNU tar). */
function parseNumber(field: Buffer): number {
	if (((field[0] ?? 0) & 0x80) !== 0) {
		const high = BigInt((field[0] ?? 0) & 0x7f);
		const value = field.subarray(1).reduce((sum, byte) => sum * 256n + BigInt(byte), high);
		return checkSize(Number(value));
	}
	const text = trimAtNul(field).trim();
	if (!/^[0-7]*$/.test(text)) {
		throw new ConversionError('layer', 'the layer is no tar');
	}
	return checkSize(text === '' ? 0 : Number.parseInt(text, 8));
}

/** Throws for what no file can have. */
export function checkSize(size: number): number {
	if (!Number.isSafeInteger(size) || size < 0) {
		throw new ConversionError('layer', 'the tar has an entry of an impossible size');
	}
	return size;
}
