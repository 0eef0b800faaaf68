import {type RouteContext, RegistryError, type V1Images} from '@stowage/core';

/** As the reference implementation answers: nothing of the index is to be kept by anybody on the way. */
const uncached = {'Cache-Control': 'no-cache', Expires: '-1', Pragma: 'no-cache'};

/** Answers with JSON, also where it is a text: clients of this API decode everything. */
export function answerJson(context: RouteContext, status: number, value: unknown): void {
	for (const [name, text] of Object.entries({...uncached, 'Content-Type': 'application/json'})) {
		context.set(name, text);
	}
	context.status = status;
	context.body = JSON.stringify(value);
}

export function answerEmpty(context: RouteContext, status: number): void {
	context.status = status;
	context.body = '';
}

/** An error in the words that clients look for; what it says stands alone in the answer. */
export function refusal(status: number, message: string): RegistryError {
	return new RegistryError(status === 404 ? 'NAME_UNKNOWN' : 'UNSUPPORTED', message, {status});
}

/** What the repository has that the address means. Throws 404 where there is none, or one that does not speak this API. */
export function imagesOf({repository}: RouteContext): V1Images {
	if (repository?.v1 !== undefined) {
		return repository.v1;
	}
	throw refusal(
		404,
		repository === undefined
			? 'the address names no repository: ask by a host or port of one, or below /api/docker/<key>/v1'
			: `"${repository.key}" does not speak Docker's first API: its dockerApiVersion is not V1`,
	);
}
