import {ConversionError} from './conversion-error.ts';
import {type TarHeader, checkSize} from './tar-header.ts';

/** What a pax header says of the next entry's name, link and size (POSIX.1-2017, "pax Extended Header"). */
export function parsePaxRecords(content: Buffer): Partial<Pick<TarHeader, 'name' | 'link' | 'size'>> {
	let found: Partial<Pick<TarHeader, 'name' | 'link' | 'size'>> = {};
	let at = 0;
	while (at < content.length) {
		const space = content.indexOf(0x20, at);
		const length = space < 0 ? Number.NaN : Number(content.toString('latin1', at, space));
		const end = at + length;
		if (!Number.isInteger(length) || end <= space + 1 || end > content.length || content[end - 1] !== 0x0a) {
			throw new ConversionError('layer', 'the tar has a broken extended header');
		}
		const record = content.toString('latin1', space + 1, end - 1);
		const equals = record.indexOf('=');
		found = {...found, ...readRecord(record.slice(0, equals), record.slice(equals + 1))};
		at = end;
	}
	return found;
}

function readRecord(key: string, value: string): Partial<Pick<TarHeader, 'name' | 'link' | 'size'>> {
	switch (key) {
		case 'path':
		case 'GNU.sparse.name':
			return {name: value};
		case 'linkpath':
			return {link: value};
		case 'size':
			return {size: checkSize(/^\d+$/.test(value) ? Number(value) : Number.NaN)};
		default:
			return {};
	}
}
