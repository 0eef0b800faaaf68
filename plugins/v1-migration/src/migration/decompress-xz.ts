import type {Abortable} from '@stowage/core';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {pipeline} from 'node:stream/promises';
import {ConversionError} from './conversion-error.ts';

/** What a hostile header could ask for is more; the highest preset of xz asks for 65 MiB. */
const memory = '256MiB';

/** The bytes inside, by the program `xz`, as engines did it. Throws `ConversionError` when they are broken, or without the program. */
export async function* decompressXz(pieces: AsyncIterable<Buffer>, {signal}: Abortable): AsyncGenerator<Buffer> {
	const program = spawn('xz', ['--decompress', '--stdout', '--quiet', `--memlimit-decompress=${memory}`], {
		stdio: ['pipe', 'pipe', 'ignore'],
		env: {PATH: process.env['PATH']},
	});
	const ended = once(program, 'close').then(
		([code]) => ({code: code as unknown}),
		(error: unknown) => ({error}),
	);
	const feeding = pipeline(pieces, program.stdin, {signal}).then(
		() => undefined,
		(error: unknown) => error,
	);
	try {
		yield* program.stdout as AsyncIterable<Buffer>;
		const fed = await feeding;
		if (fed !== undefined && codeOf(fed) !== 'EPIPE') {
			throw fed;
		}
		refuse(await ended);
	} finally {
		program.kill('SIGKILL');
		await Promise.all([feeding, ended]);
	}
}

function refuse(end: {readonly code: unknown; readonly error?: undefined} | {readonly error: unknown}): void {
	if (end.error !== undefined) {
		const missing = codeOf(end.error) === 'ENOENT';
		const message = `the layer is compressed with xz, and that program ${missing ? 'is not here' : 'failed'}`;
		throw new ConversionError('layer', message, {cause: end.error});
	}
	if ('code' in end && end.code !== 0) {
		throw new ConversionError('layer', 'the layer is broken xz');
	}
}

function codeOf(error: unknown): unknown {
	return error instanceof Error && 'code' in error ? error.code : undefined;
}
