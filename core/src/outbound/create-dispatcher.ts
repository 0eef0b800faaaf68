import {isIP} from 'node:net';
import {Agent, type Dispatcher, ProxyAgent} from 'undici';
import {AddressGuard} from './address-guard.ts';
import {guardedConnector, guardedLookup} from './guarded-connector.ts';
import type {OutboundClientOptions} from './outbound-client.ts';
import {OutboundError} from './outbound-error.ts';

/** More headers than a registry has any use for are an attack. */
const maxHeaderSize = 16_384;

interface Identity {
	readonly cert?: string;
	readonly key?: string;
}

/** A pool of connections as the options say; `identity` is shown to every server it talks to. */
export function createDispatcher(options: OutboundClientOptions, guard: AddressGuard, identity: Identity): Dispatcher {
	const {ca, localAddress, proxy, idleTimeoutMs, connections} = options;
	const agent: Agent.Options = {
		connections,
		pipelining: 1,
		allowH2: false,
		maxHeaderSize,
		headersTimeout: idleTimeoutMs,
		bodyTimeout: idleTimeoutMs,
		keepAliveTimeout: 10_000,
	};
	const tls = {timeout: options.connectTimeoutMs, ...(ca !== undefined && {ca: [ca]}), ...identity};
	if (proxy === undefined) {
		return new Agent({...agent, localAddress, connect: guardedConnector(tls, guard)});
	}
	const {username, password = ''} = proxy;
	return new ProxyAgent({
		...agent,
		uri: proxy.url,
		token: username === undefined ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
		requestTls: tls,
		proxyTls: {timeout: options.connectTimeoutMs, localAddress, lookup: guardedLookup(proxyGuard)},
	});
}

/** An operator's own proxy is in his own network; link-local addresses are nobody's proxy. */
const proxyGuard = new AddressGuard({allowPrivateAddresses: true});

/** For requests that a proxy makes for us: it connects, so all that can be checked here is what we know of the name. */
export async function checkBehindProxy({hostname}: URL, guard: AddressGuard): Promise<void> {
	const host = hostname.replace(/^\[|\]$/g, '');
	if (isIP(host) !== 0) {
		guard.check(host, host);
		return;
	}
	await new Promise<void>((resolve, reject) => {
		guardedLookup(guard)(host, {all: true}, error => {
			// Names that only the proxy knows are for it to judge.
			if (error instanceof OutboundError) {
				reject(error);
			} else {
				resolve();
			}
		});
	});
}
