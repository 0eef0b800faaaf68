import test from 'ava';
import * as fc from 'fast-check';
import {
	DigestBuilder,
	digestAlgorithm,
	digestHex,
	digestOf,
	findDigest,
	isDigestAlgorithm,
	parseDigest,
} from './digest.ts';

const sha256OfNothing = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('digests of both algorithms are taken apart', t => {
	for (const text of [sha256OfNothing, `sha512:${'0a'.repeat(64)}`]) {
		const digest = parseDigest(text);
		t.is(`${digestAlgorithm(digest)}:${digestHex(digest)}`, text);
	}
	t.is(digestOf(Buffer.alloc(0)), parseDigest(sha256OfNothing));
});

const refused = [
	'',
	':',
	'sha256',
	'sha256:',
	`:${'a'.repeat(64)}`,
	sha256OfNothing.slice(0, -1),
	`${sha256OfNothing}0`,
	sha256OfNothing.toUpperCase(),
	`sha256:${'A'.repeat(64)}`,
	`sha256:${'g'.repeat(64)}`,
	`SHA256:${'a'.repeat(64)}`,
	`sha512:${'a'.repeat(64)}`,
	`sha256:${'a'.repeat(128)}`,
	`sha384:${'a'.repeat(96)}`,
	`md5:${'a'.repeat(32)}`,
	`sha256 :${'a'.repeat(64)}`,
	`${sha256OfNothing}\n`,
	`\n${sha256OfNothing}`,
	`sha256:sha256:${'a'.repeat(57)}`,
	`sha256+b64:${'a'.repeat(64)}`,
	`sha256:${'a'.repeat(30)}/../${'a'.repeat(30)}`,
	'sha256:../../../../../../../etc/passwd',
	`sha256:${'\u0430'.repeat(64)}`,
	`constructor:${'a'.repeat(64)}`,
	`__proto__:${'a'.repeat(64)}`,
];

for (const text of refused) {
	test(`refused as a digest: ${JSON.stringify(text)}`, t => {
		t.is(findDigest(text), undefined);
		t.throws(() => parseDigest(text), {code: 'DIGEST_INVALID'});
	});
}

test('a refusal does not echo a text without end', t => {
	const error = t.throws(() => parseDigest('x'.repeat(100_000)), {code: 'DIGEST_INVALID'});
	t.true(JSON.stringify(error).length < 1_000);
});

test('only registered algorithms are computed', t => {
	t.true(isDigestAlgorithm('sha256'));
	t.true(isDigestAlgorithm('sha512'));
	for (const name of ['', 'sha1', 'md5', 'SHA256', 'toString', '__proto__']) {
		t.false(isDigestAlgorithm(name), name);
	}
});

test('bytes that come in pieces have the digest of the whole, at every point', t => {
	const pieces = fc.array(fc.uint8Array({maxLength: 50}), {maxLength: 20});
	fc.assert(
		fc.property(pieces, fc.constantFrom('sha256', 'sha512'), (chunks, algorithm) => {
			const builder = new DigestBuilder(algorithm);
			return chunks.every((chunk, index) => {
				builder.update(chunk);
				return builder.digest() === digestOf(Buffer.concat(chunks.slice(0, index + 1)), algorithm);
			});
		}),
	);
	t.is(new DigestBuilder().digest(), parseDigest(sha256OfNothing));
});

test('what is computed is a digest', t => {
	fc.assert(fc.property(fc.uint8Array(), bytes => findDigest(digestOf(bytes)) !== undefined));
	t.pass();
});
