import test from 'ava';
import {isNotModified, isSameRange} from './preconditions.ts';

const etag = 'sha256:abc';
const modifiedAt = new Date('2026-01-02T03:04:05.678Z');
const date = (text: string) => new Date(text).toUTCString();

const cases = [
	[{}, false],
	[{'if-none-match': `"${etag}"`}, true],
	[{'if-none-match': `W/"${etag}"`}, true],
	[{'if-none-match': etag}, true],
	[{'if-none-match': `"x", "${etag}"`}, true],
	[{'if-none-match': '*'}, true],
	[{'if-none-match': '"x"'}, false],
	[{'if-none-match': '"x"', 'if-modified-since': date('2030-01-01')}, false],
	[{'if-modified-since': date('2026-01-02T03:04:05Z')}, true],
	[{'if-modified-since': date('2026-01-02T03:04:04Z')}, false],
	[{'if-modified-since': 'yesterday'}, false],
] as const;

for (const [headers, expected] of cases) {
	test(`${JSON.stringify(headers)} ${expected ? 'has it already' : 'needs it'}`, t => {
		t.is(isNotModified(headers, {etag, modifiedAt}), expected);
	});
}

test('what a digest names has never been modified', t => {
	t.true(isNotModified({'if-modified-since': date('2020-01-01')}, {etag}));
	t.false(isNotModified({'if-modified-since': 'yesterday'}, {etag}));
});

test('a range only counts for the content that it was begun with', t => {
	t.true(isSameRange({}, etag));
	t.true(isSameRange({'if-range': `"${etag}"`}, etag));
	t.false(isSameRange({'if-range': '"x"'}, etag));
	t.false(isSameRange({'if-range': date('2026-01-01')}, etag));
});
