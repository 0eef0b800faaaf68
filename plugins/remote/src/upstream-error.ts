import type {IncomingHttpHeaders} from 'node:http';
import {RegistryError, type RegistryErrorCode, type RegistryErrorOptions} from '@stowage/core';
import {type OutboundBytes, OutboundError, passingStatuses} from '@stowage/core/outbound';

/**
 * `unreachable`: it does not answer, or says by 502, 503 or 504 that it does not work at the moment. `failing`: it says that
 * it cannot. `refused`: it does not let us. `limited`: we ask too much. `rubbish`: its answer is no registry's. `forbidden`: our
 * own rules keep us from asking. `busy`: we ask too much else to ask this in time. `foreign`: it has nothing to do with this,
 * for others should have given it, to whom it or a manifest leads.
 */
export type UpstreamTrouble =
	'unreachable' | 'failing' | 'refused' | 'limited' | 'rubbish' | 'forbidden' | 'busy' | 'foreign';

interface UpstreamErrorOptions extends RegistryErrorOptions {
	readonly answered?: number;
}

/** The upstream did not do what was asked, told to the client as what it is. */
export class UpstreamError extends RegistryError {
	readonly trouble: UpstreamTrouble;
	/** The status of its answer, where that is trouble that has no word of its own: clients may be told another. */
	readonly answered: number | undefined;

	constructor(trouble: UpstreamTrouble, code: RegistryErrorCode, message: string, options?: UpstreamErrorOptions) {
		super(code, message, {...(trouble !== 'forbidden' && {elsewhere: 'trouble'}), ...options});
		this.trouble = trouble;
		this.answered = options?.answered;
	}
}

/** An answer that cannot be believed, or used. `what` goes on after "the upstream". */
export function rubbish(what: string, detail?: unknown): UpstreamError {
	return new UpstreamError('rubbish', 'UNAVAILABLE', `the upstream ${what}`, {status: 502, detail});
}

/** After which clients may find less under way. */
const busySeconds = '5';

/** What a client may know of an error of the connection, after `asked` was asked for. */
export function fromOutbound(error: unknown, asked: URL): unknown {
	if (!(error instanceof OutboundError)) {
		return error;
	}
	const options = {status: error.code === 'timeout' ? 504 : 502, cause: error};
	switch (error.code) {
		case 'address-refused':
		case 'redirect-refused':
			return new UpstreamError('forbidden', 'UNAVAILABLE', `the upstream may not be asked: ${error.message}`, options);
		case 'bad-answer':
			return new UpstreamError('rubbish', 'UNAVAILABLE', 'the upstream does not answer as a registry does', options);
		case 'busy':
			return new UpstreamError('busy', 'UNAVAILABLE', 'too much else is asked of the upstream at the moment', {
				headers: {'Retry-After': busySeconds},
				cause: error,
			});
		default:
			return error.origin === asked.origin
				? new UpstreamError('unreachable', 'UNAVAILABLE', 'the upstream does not answer', options)
				: new UpstreamError('foreign', 'UNAVAILABLE', 'whom the upstream redirects to does not answer', options);
	}
}

/**
 * What an answer means whose status is neither success nor 404, after `asked` was asked for. `letIn`: the upstream takes us
 * for who we are.
 */
export function fromStatus(
	{status, headers, url}: Pick<OutboundBytes, 'status' | 'headers' | 'url'>,
	asked: URL,
	letIn = false,
): UpstreamError {
	const trouble = passingStatuses.has(status) && url.origin === asked.origin ? 'unreachable' : 'failing';
	const passed = {headers: passedHeaders(headers)};
	switch (status) {
		case 401:
		case 403:
			return refusal(status === 401 ? 'UNAUTHORIZED' : 'DENIED', passed, letIn);
		case 429:
			return new UpstreamError('limited', 'TOOMANYREQUESTS', 'the upstream limits how much it is asked for', passed);
		default:
			return new UpstreamError(trouble, 'UNAVAILABLE', `the upstream answers with status ${status}`, {
				...passed,
				status: status > 500 && status < 600 ? status : 502,
				answered: status,
			});
	}
}

function refusal(code: 'UNAUTHORIZED' | 'DENIED', options: RegistryErrorOptions, letIn: boolean): UpstreamError {
	if (letIn) {
		const message = 'the upstream does not have this, or does not show it to us';
		return new UpstreamError('refused', code, message, {...options, elsewhere: 'unseen'});
	}
	const message =
		code === 'UNAUTHORIZED'
			? 'the upstream wants other credentials than it was given'
			: 'the upstream denies access to this repository';
	return new UpstreamError('refused', code, message, options);
}

const passedNames = /^(?:retry-after|(?:x-)?ratelimit-[a-z-]{1,40}|docker-ratelimit-source)$/;

/** When to come again, and how much is left. */
function passedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
	const passed = Object.entries(headers).filter(
		([name, value]) => passedNames.test(name) && typeof value === 'string' && value.length < 200,
	);
	return Object.fromEntries(passed as [string, string][]);
}
