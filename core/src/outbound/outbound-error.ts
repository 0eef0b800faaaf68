/**
 * `address-refused`: the guard does not let us go there. `unreachable`: no connection, or it broke. `timeout`: nothing
 * came in time. `busy`: we have asked too much else to ask this in time, which says nothing of the server.
 * `redirect-refused`: too many redirects, or one to where nobody should go. `bad-answer`: not HTTP, or more than was allowed.
 */
export type OutboundErrorCode =
	'address-refused' | 'unreachable' | 'timeout' | 'busy' | 'redirect-refused' | 'bad-answer';

export interface OutboundErrorOptions extends ErrorOptions {
	/** Scheme, host and port of the server that has not answered: the one that was asked, or one that it redirected to. */
	readonly origin?: string;
}

/** A request to another server that has no answer. The message names the host and no secret, path or query. */
export class OutboundError extends Error {
	override readonly name = 'OutboundError';
	readonly code: OutboundErrorCode;
	readonly origin: OutboundErrorOptions['origin'];

	constructor(code: OutboundErrorCode, message: string, options?: OutboundErrorOptions) {
		super(message, options);
		this.code = code;
		this.origin = options?.origin;
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
	// First: it knows better than whoever passes it on which server it is about.
	if (error instanceof OutboundError) {
		return error;
	}
	const {host, origin} = url;
	if (signal?.aborted === true) {
		return isTimeout(signal.reason) ? new OutboundError('timeout', `${host} took too long`, {origin}) : signal.reason;
	}
	const {code, name, message} = error as Error & {code?: unknown};
	const options = {cause: error, origin};
	if (timeouts.has(code)) {
		return new OutboundError('timeout', `${host} did not answer in time`, options);
	}
	if (name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') {
		return new OutboundError('bad-answer', `${host} does not answer as HTTP does`, options);
	}
	return new OutboundError('unreachable', `${host} cannot be reached: ${message}`, options);
}

function isTimeout(reason: unknown): boolean {
	return reason instanceof DOMException && reason.name === 'TimeoutError';
}
