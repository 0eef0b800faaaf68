import {
	OutboundClient,
	type OutboundAnswer,
	type OutboundBytes,
	OutboundError,
	discardBody,
	passingStatuses,
} from '@stowage/core/outbound';
import {askBase} from './ask-base.ts';
import {type ClientIdentity, readIdentity} from './client-identity.ts';
import type {RemoteOptions} from './options.ts';
import {UpstreamAddress} from './upstream-address.ts';
import {fromOutbound, fromStatus} from './upstream-error.ts';
import {type Signed, UpstreamSignIn} from './upstream-sign-in.ts';

export interface UpstreamRequest {
	readonly method: 'GET' | 'HEAD';
	readonly url: URL;
	/** What a token has to be for, where one is wanted. */
	readonly scope: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly signal: AbortSignal;
}

/** A registry that is asked for what it has. Rejects with `UpstreamError`; a status 404 is an answer like 200. */
export class Upstream {
	readonly address: UpstreamAddress;
	readonly client: OutboundClient;
	readonly #options: RemoteOptions;
	readonly #signIn: UpstreamSignIn;

	constructor(options: RemoteOptions) {
		this.address = new UpstreamAddress(options);
		this.client = new OutboundClient(clientOptions(options, this.address));
		this.#options = options;
		const {client, address, withinMs} = this;
		this.#signIn = new UpstreamSignIn({options, client, address, withinMs});
	}

	/** How long a small answer may take. */
	get withinMs(): number {
		return this.#options.metadataRetrievalTimeoutSecs * 1000;
	}

	/** Address of something of the protocol, after `/v2/`. */
	url(path: string): URL {
		return new URL(path, this.address.base);
	}

	/** Sends a request, signed in as the upstream wants it. The body is to be read or destroyed. */
	async open(request: UpstreamRequest): Promise<OutboundAnswer> {
		return this.#signedIn(request, async ({authorization}) => {
			const {allowAnyHostAuth: authorizeRedirects} = this.#options;
			return this.client.send({...request, authorization, authorizeRedirects});
		});
	}

	/** All of a small answer. */
	async fetch(request: UpstreamRequest, maxBytes: number): Promise<OutboundBytes> {
		return this.#signedIn(request, async ({authorization}) => {
			const {allowAnyHostAuth: authorizeRedirects} = this.#options;
			const limits = {maxBytes, withinMs: this.withinMs};
			return this.client.fetch({...request, authorization, authorizeRedirects}, limits);
		});
	}

	/** Whether it is down where clients begin, too. Never rejects. */
	async isDown(): Promise<boolean> {
		try {
			return passingStatuses.has((await askBase(this)).status);
		} catch (error) {
			return error instanceof OutboundError && (error.code === 'unreachable' || error.code === 'timeout');
		}
	}

	close(): Promise<void> {
		return this.client.close();
	}

	async #signedIn<Answer extends OutboundAnswer | OutboundBytes>(
		{scope, url}: UpstreamRequest,
		send: (signed: Signed) => Promise<Answer>,
	): Promise<Answer> {
		try {
			const signed = this.#signIn.sign(scope);
			const answer = await send(signed);
			const better = await this.#signBetter({scope, url}, signed, answer);
			if (better === undefined) {
				return checkStatus(answer, url, this.#signIn.isLetIn(scope, signed, answer));
			}
			discard(answer);
			const last = await send(better);
			this.#signIn.noteAnswer(scope, better, last);
			return checkStatus(last, url, this.#signIn.isLetIn(scope, better, last));
		} catch (error) {
			throw fromOutbound(error, url);
		}
	}

	/** Credentials are not for those whom the upstream redirects to, whatever they answer. */
	async #signBetter(
		{scope, url}: Pick<UpstreamRequest, 'scope' | 'url'>,
		signed: Signed,
		answer: OutboundAnswer | OutboundBytes,
	): Promise<Signed | undefined> {
		try {
			return answer.url.origin === url.origin ? await this.#signIn.signBetter(scope, signed, answer) : undefined;
		} catch (error) {
			discard(answer);
			throw error;
		}
	}
}

function clientOptions(options: RemoteOptions, {base}: UpstreamAddress) {
	const {proxy, proxyUsername, proxyPassword, clientTlsCertificate, caCertificates, socketTimeoutMillis} = options;
	const identity: ClientIdentity = clientTlsCertificate === undefined ? {} : readIdentity(clientTlsCertificate);
	return {
		...identity,
		origin: base.origin,
		connectTimeoutMs: Math.min(socketTimeoutMillis, 10_000),
		idleTimeoutMs: socketTimeoutMillis,
		connections: options.maxConnections,
		allowPrivateAddresses: options.allowPrivateAddresses,
		allowedAddresses: options.allowedAddresses,
		ca: caCertificates,
		localAddress: options.localAddress,
		proxy: proxy === undefined ? undefined : {url: proxy, username: proxyUsername, password: proxyPassword},
	};
}

/** `letIn`: whether it answers to a token that is certainly good. */
function checkStatus<Answer extends OutboundAnswer | OutboundBytes>(
	answer: Answer,
	asked: URL,
	letIn: boolean,
): Answer {
	const {status} = answer;
	if ((status >= 200 && status < 300) || status === 404 || status === 416) {
		return answer;
	}
	discard(answer);
	throw fromStatus(answer, asked, letIn);
}

function discard(answer: OutboundAnswer | OutboundBytes): void {
	if ('body' in answer) {
		discardBody(answer.body);
	}
}
