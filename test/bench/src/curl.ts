import {runClient} from './run-client.ts';

export interface CurlTransfer {
	readonly url: string;
	readonly method?: string;
	readonly headers: Readonly<Record<string, string>>;
	/** File to send. */
	readonly upload?: string;
	readonly expected: number;
}

export interface CurlResult {
	readonly seconds: number;
	/** What the answer's `Location` says; empty without one. */
	readonly location: string;
}

/** Sends or receives one body. Rejects when the status is not the expected one. */
export async function curl({url, method, headers, upload, expected}: CurlTransfer): Promise<CurlResult> {
	const given = Object.entries({...headers, Expect: ''}).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
	const output = await runClient('curl', [
		'--silent',
		'--show-error',
		'--output',
		'/dev/null',
		'--write-out',
		'%{http_code} %{time_total} %header{location}',
		...(method === undefined ? [] : ['--request', method]),
		...(upload === undefined ? [] : ['--upload-file', upload]),
		...given,
		url,
	]);
	const [status, seconds, location] = output.split(' ');
	if (Number(status) !== expected) {
		throw new Error(`curl on ${url}: status ${status} instead of ${expected}`);
	}
	return {seconds: Number(seconds), location: location!};
}
