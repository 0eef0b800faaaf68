import type {ByteRange} from '@stowage/core';

/** What a client asked for, the size being unknown: `end` is the first byte not asked for. */
export type RangeSpec = {readonly start: number; readonly end: number} | {readonly suffix: number};

/** A request for more parts than this is answered with the whole. */
const mostRanges = 256;

const longestHeader = 16 * 1024;

/** Undefined for what is not understood, or asks for too much: then the header does not count (RFC 9110, section 14.2). */
export function parseRangeHeader(header: string | undefined): readonly RangeSpec[] | undefined {
	if (header === undefined || header.length > longestHeader) {
		return undefined;
	}
	const list = /^bytes=(.*)$/i.exec(header.trim())?.[1]?.split(',') ?? [];
	const specs = list.map(parseSpec);
	const understood = specs.length > 0 && specs.length <= mostRanges && !specs.includes(undefined);
	return understood ? (specs as readonly RangeSpec[]) : undefined;
}

/** Those parts that a content of `size` bytes has. Undefined when they are more than the content itself: send it all. */
export function resolveRanges(specs: readonly RangeSpec[], size: number): readonly ByteRange[] | undefined {
	const ranges = specs.map(spec => resolve(spec, size)).filter(({start, end}) => start < end);
	const total = ranges.reduce((sum, {start, end}) => sum + end - start, 0);
	return ranges.length > 1 && total > size ? undefined : ranges;
}

function resolve(spec: RangeSpec, size: number): ByteRange {
	if ('suffix' in spec) {
		return {start: Math.max(0, size - spec.suffix), end: size};
	}
	return {start: spec.start, end: Math.min(spec.end, size)};
}

function parseSpec(text: string): RangeSpec | undefined {
	const [, first, last] = /^(\d*)-(\d*)$/.exec(text.trim()) ?? [];
	if (first === undefined || last === undefined || (first === '' && last === '')) {
		return undefined;
	}
	if (first === '') {
		return {suffix: Number(last)};
	}
	// One that ends before it starts is refused, as the conformance suite wants it, by being no part of anything.
	return {start: Number(first), end: last === '' ? Infinity : Number(last) + 1};
}
