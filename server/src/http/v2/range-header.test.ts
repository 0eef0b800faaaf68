import test from 'ava';
import {parseRangeHeader, resolveRanges} from './range-header.ts';

const resolved = [
	['bytes=0-0', 100, '0-1'],
	['bytes=0-99', 100, '0-100'],
	['bytes=0-', 100, '0-100'],
	['bytes=10-1000', 100, '10-100'],
	['bytes=-1', 100, '99-100'],
	['bytes=-500', 100, '0-100'],
	['Bytes= 1-2 , 4-5 ', 100, '1-3 4-6'],
	['bytes=0-0,-1', 100, '0-1 99-100'],
	['bytes=0-1,200-300', 100, '0-2'],
	['bytes=100-', 100, ''],
	['bytes=-0', 100, ''],
	['bytes=0-', 0, ''],
	['bytes=-5', 0, ''],
	['bytes=5-4', 100, ''],
	['bytes=9999999999999999-', 100, ''],
	['bytes=-9999999999999999', 100, '0-100'],
	['bytes=0-99,0-99', 100, 'all'],
	['bytes=0-9999999999999999999999', 100, '0-100'],
] as const;

for (const [header, size, parts] of resolved) {
	test(`${header} of ${size} bytes is ${parts || 'nothing'}`, t => {
		const ranges = resolveRanges(parseRangeHeader(header) ?? [], size);
		t.is(ranges?.map(({start, end}) => `${start}-${end}`).join(' ') ?? 'all', parts);
	});
}

const ignored = [
	undefined,
	'',
	'bytes',
	'bytes=',
	'bytes=-',
	'bytes=a-b',
	'bytes=1-2,x',
	'bytes=1-2;3-4',
	'items=0-1',
	'bytes=0x1-2',
	'bytes=1e3-',
	'bytes=1--2',
	`bytes=${Array.from({length: 257}, (_, index) => `${index * 2}-${index * 2}`).join(',')}`,
	`bytes=0-${' '.repeat(20_000)}`,
];

for (const header of ignored) {
	test(`${header === undefined ? 'no header' : `"${header.slice(0, 24)}"`} asks for the whole (${header?.length ?? 0})`, t => {
		t.is(parseRangeHeader(header), undefined);
	});
}
