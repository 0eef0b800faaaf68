import {LoginError} from './login-error.ts';

const longestMs = 30_000;

export interface SentForm {
	/** Fields of a form. */
	readonly form?: Readonly<Record<string, string>>;
	readonly json?: object;
}

export interface FormAnswer {
	readonly status: number;
	/** Empty when the answer is no JSON object. */
	readonly json: Readonly<Record<string, unknown>>;
}

/** POSTs a form or JSON, or GETs without either. Tokens are in it, so no redirect is followed. Rejects with `LoginError`. */
export async function sendForm(url: URL, {form, json}: SentForm = {}): Promise<FormAnswer> {
	const body = form === undefined ? json && JSON.stringify(json) : new URLSearchParams(form);
	try {
		const answer = await fetch(url, {
			method: body === undefined ? 'GET' : 'POST',
			body,
			headers: {accept: 'application/json', ...(json !== undefined && {'content-type': 'application/json'})},
			redirect: 'error',
			signal: AbortSignal.timeout(longestMs),
		});
		return {status: answer.status, json: toObject(await answer.text())};
	} catch (error) {
		const {message, cause} = error as Error;
		throw new LoginError(`${url.host} cannot be reached: ${cause instanceof Error ? cause.message : message}`, {cause});
	}
}

function toObject(text: string): FormAnswer['json'] {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null ? (value as FormAnswer['json']) : {};
	} catch {
		return {};
	}
}
