import type {Logger} from '@stowage/core';
import {type Logger as PinoLogger, type LoggerOptions, pino, stdSerializers} from 'pino';
import {maskFields} from './mask-fields.ts';
import {toReadableLine} from './readable-line.ts';

interface LogOptions {
	readonly level: 'debug' | 'info' | 'warn' | 'error';
	/** Where lines go; standard output unless told. */
	readonly destination?: {write(line: string): unknown};
	/** Short lines for people instead of JSON; unless told, when standard output is a terminal. */
	readonly readable?: boolean;
	/** Fields of every line. */
	readonly fields?: object;
}

/** A logger that writes a line of JSON for each call, with the values of fields that hold secrets masked. */
export function createLog({level, destination, readable = process.stdout.isTTY, fields}: LogOptions): Logger {
	const options: LoggerOptions = {
		level,
		base: fields ?? null,
		serializers: {err: stdSerializers.err, error: stdSerializers.err},
		formatters: {
			level: label => ({level: label}),
			log: fields => maskFields(fields),
		},
		timestamp: () => `,"time":"${new Date().toISOString()}"`,
	};
	const out = destination ?? (readable ? process.stdout : pino.destination(1));
	const toLine = readable ? toReadableLine : (line: string) => line;
	return withMaskedChildren(pino(options, {write: line => void out.write(toLine(line))}));
}

/** Pino formats the fields of a child once, without the formatters of its parent. Children of children inherit this too. */
function withMaskedChildren(logger: PinoLogger): Logger {
	const {child: makeChild} = logger as unknown as {readonly child: (this: PinoLogger, fields: object) => Logger};
	return Object.assign(logger, {
		child(this: PinoLogger, fields: object): Logger {
			return makeChild.call(this, maskFields(fields));
		},
	});
}
