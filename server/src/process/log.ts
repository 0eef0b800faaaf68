import type {Logger} from '@stowage/core';
import {type LoggerOptions, pino, stdSerializers} from 'pino';
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

const secretNames = [
	'password',
	'passwordHash',
	'secret',
	'token',
	'accessToken',
	'access_token',
	'refreshToken',
	'refresh_token',
	'apiKey',
	'privateKey',
	'connectionString',
	'authorization',
	'cookie',
	'["set-cookie"]',
	'["x-jfrog-art-api"]',
];
/** At the top of a line, one level down (`options.password`) and in headers of requests. */
const masked = secretNames.flatMap(name => {
	const below = (path: string) => (name.startsWith('[') ? `${path}${name}` : `${path}.${name}`);
	return [name, below('*'), below('*.*')];
});

/** A logger that writes a line of JSON for each call, with the values of fields that hold secrets masked. */
export function createLog({level, destination, readable = process.stdout.isTTY, fields}: LogOptions): Logger {
	const options: LoggerOptions = {
		level,
		base: fields ?? null,
		redact: {paths: masked, censor: '***'},
		serializers: {err: stdSerializers.err, error: stdSerializers.err},
		formatters: {level: label => ({level: label})},
		timestamp: () => `,"time":"${new Date().toISOString()}"`,
	};
	if (!readable) {
		return pino(
			options,
			destination === undefined ? pino.destination(1) : {write: line => void destination.write(line)},
		);
	}
	const out = destination ?? process.stdout;
	return pino(options, {write: line => void out.write(toReadableLine(line))});
}
