import {runClient} from './run-client.ts';

export interface Load {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly seconds: number;
}

export interface LoadResult {
	readonly requests: number;
	readonly perSecond: number;
}

const connections = '32';

/** GETs the same again and again over 32 connections. Rejects when an answer is not a success. */
export async function wrk({url, headers, seconds}: Load): Promise<LoadResult> {
	const given = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
	const shape = ['--threads', '1', '--connections', connections, '--duration', `${seconds}s`];
	const output = await runClient('wrk', [...shape, ...given, url]);
	refuse(url, /^.*(Non-2xx|Socket errors).*$/m.exec(output));
	return {
		requests: Number(/(\d+) requests in/.exec(output)![1]),
		perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)![1]),
	};
}

/** As `wrk`, by HEAD: wrk itself waits for the body that `Content-Length` tells of. */
export async function ab({url, headers, seconds}: Load): Promise<LoadResult> {
	const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
	const shape = ['-q', '-i', '-k', '-c', connections, '-t', String(seconds), '-n', '100000000'];
	const output = await runClient('ab', [...shape, ...given, url]);
	refuse(url, /^Non-2xx.*$/m.exec(output) ?? /^Failed requests:\s+[1-9].*$/m.exec(output));
	return {
		requests: Number(/^Complete requests:\s+(\d+)/m.exec(output)![1]),
		perSecond: Number(/^Requests per second:\s+([\d.]+)/m.exec(output)![1]),
	};
}

function refuse(url: string, trouble: RegExpExecArray | null): void {
	if (trouble !== null) {
		throw new Error(`load on ${url}: ${trouble[0].trim()}`);
	}
}
