import {trimAtNul} from '../migration/tar-header.ts';

/** What a tar says of one entry, as texts in which each byte is a character. */
export type TarFields = ReadonlyMap<string, string>;

/** Where header blocks have the fields that sums are made of (POSIX.1-2017, "ustar Interchange Format"). */
const texts: readonly (readonly [name: string, start: number, end: number])[] = [
	['linkname', 157, 257],
	['uname', 265, 297],
	['gname', 297, 329],
];
const numbers: readonly (readonly [name: string, start: number, end: number])[] = [
	['mode', 100, 108],
	['uid', 108, 116],
	['gid', 116, 124],
	['mtime', 136, 148],
	['devmajor', 329, 337],
	['devminor', 337, 345],
];

/** Keywords of extended headers (POSIX.1-2017, "pax Extended Header Keywords") by the field that they say. */
const keywords: ReadonlyMap<string, string> = new Map([
	['path', 'name'],
	['linkpath', 'linkname'],
	['uname', 'uname'],
	['gname', 'gname'],
	['uid', 'uid'],
	['gid', 'gid'],
	['mtime', 'mtime'],
	['size', 'size'],
]);
const xattr = 'SCHILY.xattr.';

/** Of a header block, without its name and size. */
export function fieldsOfBlock(block: Buffer): TarFields {
	const fields = new Map<string, string>([['typeflag', block.toString('latin1', 156, 157)]]);
	for (const [name, start, end] of texts) {
		fields.set(name, trimAtNul(block.subarray(start, end)));
	}
	for (const [name, start, end] of numbers) {
		fields.set(name, String(numberOf(block.subarray(start, end))));
	}
	return fields;
}

/** Of an extended header; those named `xattr <name>` are extended attributes. What is no record ends it. */
export function fieldsOfPax(content: Buffer): TarFields {
	const fields = new Map<string, string>();
	for (let at = 0; at < content.length;) {
		const space = content.indexOf(0x20, at);
		const end = at + (space < 0 ? Number.NaN : Number(content.toString('latin1', at, space)));
		if (!Number.isInteger(end) || end <= space + 1 || end > content.length) {
			break;
		}
		const record = content.toString('latin1', space + 1, end - 1);
		const equals = record.indexOf('=');
		const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
		const field = key.startsWith(xattr) ? `xattr ${key.slice(xattr.length)}` : keywords.get(key);
		if (field !== undefined) {
			fields.set(field, field === 'mtime' ? String(Math.floor(Number(value))) : value);
		}
		at = end;
	}
	return fields;
}

/** Octal, or with the highest bit set in base 256 (GNU tar). */
function numberOf(field: Buffer): bigint {
	if (((field[0] ?? 0) & 0x80) !== 0) {
		return field.subarray(1).reduce((sum, byte) => sum * 256n + BigInt(byte), BigInt((field[0] ?? 0) & 0x7f));
	}
	const text = trimAtNul(field).trim();
	return /^[0-7]+$/.test(text) ? BigInt(`0o${text}`) : 0n;
}
