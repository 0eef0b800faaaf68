import {OutboundClient, type OutboundAnswer, type OutboundBytes, discardBody} from '@stowage/core/outbound';
import {type Challenge, parseChallenge} from './bearer-challenge.ts';
import {type ClientIdentity, readIdentity} from './client-identity.ts';
import type {RemoteOptions} from './options.ts';
import {UpstreamAddress} from './upstream-address.ts';
import {fromOutbound, fromStatus} from './upstream-error.ts';
import {UpstreamTokens} from './upstream-tokens.ts';

export interface UpstreamRequest {
	readonly method: 'GET' | 'HEAD';
	readonly url: URL;
	/** What a token has to be for, where one is wanted. */
	readonly scope: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly signal: AbortSignal;
}

interface Signed {
	readonly authorization?: string;
	readonly token?: string;
}

/** A registry that is asked for what it has. Rejects with `UpstreamError`; a status 404 is an answer like 200. */
export class Upstream {
	readonly address: UpstreamAddress;
	readonly client: OutboundClient;
	readonly #options: RemoteOptions;
	readonly #tokens: UpstreamTokens;
	readonly #basic: string | undefined;
	/** Whether it has asked for user and password itself. */
	#wantsBasic = false;

	constructor(options: RemoteOptions) {
		this.address = new UpstreamAddress(options);
		this.client = new OutboundClient(clientOptions(options, this.address));
		this.#options = options;
		const {username, password = ''} = options;
		this.#basic = username && `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
		const {client, address} = this;
		this.#tokens = new UpstreamTokens({client, address, basic: this.#basic, withinMs: this.withinMs});
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

	close(): Promise<void> {
		return this.client.close();
	}

	async #signedIn<Answer extends OutboundAnswer | OutboundBytes>(
		{scope, url}: UpstreamRequest,
		send: (signed: Signed) => Promise<Answer>,
	): Promise<Answer> {
		try {
			const signed = this.#sign(scope);
			const answer = await send(signed);
			const challenge = answer.status === 401 && answer.url.origin === url.origin ? challengeOf(answer) : undefined;
			const better = challenge && (await this.#answerChallenge(scope, challenge, signed));
			if (better === undefined) {
				return checkStatus(answer, answer.status === 403 && signed.token !== undefined);
			}
			discard(answer);
			return checkStatus(await send(better), better.token !== undefined);
		} catch (error) {
			throw fromOutbound(error);
		}
	}

	#sign(scope: string): Signed {
		const token = this.#tokens.find(scope);
		if (token !== undefined) {
			return {authorization: `Bearer ${token}`, token};
		}
		return this.#wantsBasic ? {authorization: this.#basic} : {};
	}

	/** Undefined when there is nothing better to say than what was said. */
	async #answerChallenge(scope: string, challenge: Challenge, before: Signed): Promise<Signed | undefined> {
		if (challenge.scheme === 'basic') {
			const known = this.#basic === undefined || before.authorization === this.#basic;
			this.#wantsBasic = this.#basic !== undefined;
			return known ? undefined : {authorization: this.#basic};
		}
		if (!this.#options.enableTokenAuthentication) {
			return undefined;
		}
		if (before.token !== undefined) {
			this.#tokens.forget(scope, before.token);
		}
		const token = this.#tokens.find(scope) ?? (await this.#tokens.get(scope, challenge));
		return {authorization: `Bearer ${token}`, token};
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

function challengeOf({headers}: OutboundAnswer | OutboundBytes): Challenge | undefined {
	const header: string | string[] | undefined = headers['www-authenticate'];
	return parseChallenge(Array.isArray(header) ? header.join(', ') : header);
}

/** `letIn`: whether it answers to a token that is certainly good. */
function checkStatus<Answer extends OutboundAnswer | OutboundBytes>(answer: Answer, letIn: boolean): Answer {
	const {status, headers} = answer;
	if ((status >= 200 && status < 300) || status === 404 || status === 416) {
		return answer;
	}
	discard(answer);
	throw fromStatus(status, headers, letIn);
}

function discard(answer: OutboundAnswer | OutboundBytes): void {
	if ('body' in answer) {
		discardBody(answer.body);
	}
}
