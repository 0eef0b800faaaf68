import {runClient} from '../run-client.ts';

export interface Download {
	/** From the request to the first byte of the body. */
	readonly firstByteSeconds: number;
	readonly seconds: number;
}

/** Fetches a blob and throws it away. Rejects unless all of it comes. */
export async function download(url: string, bytes: number, authorization?: string): Promise<Download> {
	const output = await runClient('curl', [
		'--silent',
		'--show-error',
		'--output',
		'/dev/null',
		'--write-out',
		'%{http_code} %{size_download} %{time_starttransfer} %{time_total}',
		...(authorization === undefined ? [] : ['--header', `Authorization: ${authorization}`]),
		url,
	]);
	const [status, size, first, total] = output.split(' ').map(Number);
	if (status !== 200 || size !== bytes) {
		throw new Error(`${url}: status ${status} with ${size} of ${bytes} bytes`);
	}
	return {firstByteSeconds: first!, seconds: total!};
}
