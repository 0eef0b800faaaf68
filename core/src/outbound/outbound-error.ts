/**
 * `address-refused`: the guard does not let us go there. `unreachable`: no connection, or it broke. `timeout`: nothing
 * came in time. `busy`: we have asked too much else to ask this in time, which says nothing of the server.
 * `redirect-refused`: too many redirects, or one to where nobody should go. `bad-answer`: not HTTP, or more than was allowed.
 */
export type OutboundErrorCode =
	'address-refused' | 'unreachable' | 'timeout' | 'busy' | 'redirect-refused' | 'bad-answer';

/** A request to another server that has no answer. The message names the host and no secret, path or query. */
export class OutboundError extends Error {
	override readonly name = 'OutboundError';
	readonly code: OutboundErrorCode;

	constructor(code: OutboundErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}

const timeouts: ReadonlySet<unknown> = new Set([
	'UND_ERR_CONNECT_TIMEOUT',
	'UND_ERR_HEADERS_TIMEOUT',
	'UND_ERR_BODY_TIMEOUT',
	'ETIMEDOUT',
]);

/** What an error of a connection to `url` means. An abort by the caller is given back as its signal's reason. */
export function toOutboundError(error: unknown, url: URL, signal?: AbortSignal): unknown {
	if (signal?.aborted === true) {
		return isTimeout(signal.reason) ? new OutboundError('timeout', `${url.host} took too long`) : signal.reason;
	}
	if (error instanceof OutboundError) {
		return error;
	}
	const {code, name, message} = error as Error & {code?: unknown};
	if (timeouts.has(code)) {
		return new OutboundError('timeout', `${url.host} did not answer in time`, {cause: error});
	}
	if (name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') {
		return new OutboundError('bad-answer', `${url.host} does not answer as HTTP does`, {cause: error});
	}
	return new OutboundError('unreachable', `${url.host} cannot be reached: ${message}`, {cause: error});
}

function isTimeout(reason: unknown): boolean {
	return reason instanceof DOMException && reason.name === 'TimeoutError';
}
