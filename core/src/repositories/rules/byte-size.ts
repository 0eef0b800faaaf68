const grammar = /^(\d{1,15}(?:\.\d{1,6})?) ?(?:([KMGTP])(i)?)?B?$/i;
const powers = ['', 'K', 'M', 'G', 'T', 'P'];

/**
 * Bytes that an operator wrote: `500MB` and `1.5 TB` in steps of 1,000, `10GiB` in steps of 1,024, a number alone in bytes.
 * Undefined for anything else, for less than a byte and for more than can be counted exactly.
 */
export function findByteSize(text: string): number | undefined {
	const match = grammar.exec(text.trim());
	if (match === null) {
		return undefined;
	}
	const [, digits = '', unit = '', binary] = match;
	const bytes = Math.floor(Number(digits) * (binary === undefined ? 1000 : 1024) ** powers.indexOf(unit.toUpperCase()));
	return bytes >= 1 && Number.isSafeInteger(bytes) ? bytes : undefined;
}
