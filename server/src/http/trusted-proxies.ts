import type {IncomingMessage} from 'node:http';
import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** How many addresses are remembered at a time. */
const rememberedAddresses = 10_000;

/** Tells which neighbours may say who a client is and what it typed. */
export class TrustedProxies {
	readonly #ranges: readonly Range[];
	readonly #known = new Map<string, boolean>();

	/** Takes CIDR ranges and single addresses. Throws when one of them is neither. */
	constructor(ranges: readonly string[]) {
		this.#ranges = ranges.map(parseRange);
	}

	/** Whether what this neighbour says in headers is believed. */
	trusts(address: string | undefined): boolean {
		if (this.#ranges.length === 0 || address === undefined) {
			return false;
		}
		let trusted = this.#known.get(address);
		if (trusted === undefined) {
			trusted = this.#contains(address);
			if (this.#known.size >= rememberedAddresses) {
				this.#known.clear();
			}
			this.#known.set(address, trusted);
		}
		return trusted;
	}

	/** Address of who asks: the neighbour, or what the nearest trusted neighbour says of it (`X-Forwarded-For`). */
	clientAddress(request: IncomingMessage): string {
		let client = request.socket.remoteAddress ?? '';
		if (!this.trusts(client)) {
			return client;
		}
		const said = request.headers['x-forwarded-for'];
		const hops = (Array.isArray(said) ? said.join(',') : (said ?? '')).split(',');
		for (const hop of hops.toReversed()) {
			const address = hop.trim().replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
			if (!ipaddr.isValid(address)) {
				return client;
			}
			client = address;
			if (!this.trusts(client)) {
				return client;
			}
		}
		return client;
	}

	#contains(address: string): boolean {
		if (!ipaddr.isValid(address)) {
			return false;
		}
		const parsed = ipaddr.process(address);
		return this.#ranges.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
	}
}

function parseRange(text: string): Range {
	if (text.includes('/')) {
		return ipaddr.parseCIDR(text);
	}
	const address = ipaddr.process(text);
	return [address, address.kind() === 'ipv4' ? 32 : 128];
}
