import test from 'ava';
import {findNextLink} from './next-link.ts';

const headers: readonly (readonly [header: string, next: string | undefined])[] = [
	['</a?last=b>; rel="next"', '/a?last=b'],
	['</a?last=b>;rel=next', '/a?last=b'],
	['</a>; type="a,b"; rel="next"', '/a'],
	['</a>; title="x; rel=prev, </c>; rel=next" ; REL = "Next"', '/a'],
	['</a>; title="\\", </c>; rel=next"; rel="next"', '/a'],
	['</a>; rel="prev", </b>; rel="next"', '/b'],
	['</a>; title="</c>; rel=next", </b>; rel="next"', '/b'],
	['</a>; rel="prev next"', '/a'],
	['</a?x=1,2;3>; foo; rel=n\\ext, </b>; rel="n\\ext"', '/b'],
	['</a>; rel="next', '/a'],
	['<>; rel="next"', ''],
	['</a>; rel="prev"; rel="next"', undefined],
	['</a>; rel="nextish"; title="next"', undefined],
	['</a>, rel="next"', undefined],
	['/a; rel="next"', undefined],
	['</a; rel="next"', undefined],
	['', undefined],
];

for (const [header, next] of headers) {
	test(`${header} leads ${next === undefined ? 'nowhere' : `to ${JSON.stringify(next)}`}`, t => {
		t.is(findNextLink(header), next);
	});
}

test('no header takes long to read', t => {
	for (const piece of ['<', '<>', '<>;', '<>;"', '<>;a="\\', ';', '"', ' ', '<>; =', ';a']) {
		const started = performance.now();
		findNextLink(`<${piece.repeat(16_384 / piece.length)}`);
		t.true(performance.now() - started < 1000, piece);
	}
});
