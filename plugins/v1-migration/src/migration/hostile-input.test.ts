import test from 'ava';
import * as fc from 'fast-check';
import {parseV1ImageId} from '@stowage/core';
import {buildImage} from './build-manifest.ts';
import {ConversionError} from './conversion-error.ts';
import {makeTar, paxRecord} from './fixtures/make-tar.ts';
import {TarScanner} from './tar-scanner.ts';
import {parseV1ImageJson} from './v1-image-json.ts';

/** How many entries it has, or the message of the error; any other error is a failure of the test. */
function scan(pieces: readonly Buffer[]): number | string {
	try {
		const scanner = new TarScanner();
		for (const piece of pieces) {
			scanner.push(piece);
		}
		scanner.end();
		return scanner.entries;
	} catch (error) {
		if (error instanceof ConversionError) {
			return error.message;
		}
		throw error;
	}
}

const entry = fc.record({
	name: fc.constantFrom('a', './b/', 'etc/.wh.x', '../x', '/x', 'a/../..'),
	type: fc.constantFrom('0', '1', '2', '3', '5', '7', 'x', 'g', 'L', 'K', 'S', 'Z'),
	content: fc.oneof(
		fc.string({maxLength: 40}),
		fc.string({maxLength: 700}).map(value => paxRecord('path', value)),
		fc.nat().map(size => paxRecord('size', String(size))),
	),
	link: fc.constantFrom('', 'a', '../y', '/etc/shadow'),
});
const tar = fc.tuple(fc.array(entry, {maxLength: 5}), fc.array(fc.tuple(fc.nat(6000), fc.nat(255)), {maxLength: 3}));

test('whatever a tar says, it is read or refused, and in pieces as in one', t => {
	fc.assert(
		fc.property(
			tar,
			fc.array(fc.integer({min: 1, max: 900}), {minLength: 1, maxLength: 8}),
			([entries, changes], sizes) => {
				const bytes = makeTar(entries);
				for (const [at, value] of changes) {
					bytes[at % bytes.length] = value;
				}
				const pieces: Buffer[] = [];
				for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
					const end = at + (sizes[turn % sizes.length] ?? 1);
					pieces.push(Buffer.from(bytes.subarray(at, end)));
					at = end;
				}
				return scan([bytes]) === scan(pieces);
			},
		),
		{numRuns: 1000},
	);
	t.pass();
});

const id = parseV1ImageId('a'.repeat(64));
/** Mostly what it should be. */
function mostly<Value>(right: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
	return fc.oneof({weight: 9, arbitrary: right}, {weight: 1, arbitrary: fc.jsonValue({maxDepth: 2})});
}

const members = ['Cmd', 'Entrypoint', 'Env', 'OnBuild', 'ExposedPorts', 'Volumes', 'Labels', 'User', '__proto__'];
const run = fc.dictionary(fc.constantFrom(...members), mostly(fc.array(fc.string(), {maxLength: 3})), {maxKeys: 2});
const time = fc.date({min: new Date('0001-01-01'), max: new Date('9999-01-01'), noInvalidDate: true});
const json = fc.record(
	{
		id: mostly(fc.constant(id)),
		parent: mostly(fc.constantFrom('', 'b'.repeat(64), null)),
		created: mostly(time.map(date => date.toISOString())),
		config: mostly(run),
		container_config: mostly(run),
		author: mostly(fc.string()),
		Size: mostly(fc.nat()),
	},
	{requiredKeys: ['id']},
);

test('whatever the JSON of an image says, it becomes a config that all clients can read, or is refused', t => {
	let converted = 0;
	fc.assert(
		fc.property(json, fc.constantFrom('docker', 'oci'), (document, form) => {
			try {
				const image = parseV1ImageJson(Buffer.from(JSON.stringify(document)), id);
				const {config} = buildImage([[image, {empty: true}]], form);
				const made = JSON.parse(config.bytes.toString()) as {config: Record<string, unknown>};
				converted += 1;
				return ['Cmd', 'Env'].every(name => {
					const list = made.config[name] ?? [];
					return Array.isArray(list) && list.every(item => typeof item === 'string');
				});
			} catch (error) {
				return error instanceof ConversionError;
			}
		}),
		{numRuns: 1000},
	);
	t.true(converted > 10);
});
