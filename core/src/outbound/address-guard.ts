import {isIP} from 'node:net';
import ipaddr from 'ipaddr.js';
import {OutboundError} from './outbound-error.ts';

export interface AddressGuardOptions {
	/** Whether private, loopback, shared (RFC 6598) and unique local addresses are allowed. */
	readonly allowPrivateAddresses?: boolean;
	/** Addresses and ranges (CIDR) that are allowed whatever they are. */
	readonly allowedAddresses?: readonly string[];
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Ranges of ipaddr.js that an operator may open as a whole. */
const privateRanges: ReadonlySet<string> = new Set(['private', 'loopback', 'carrierGradeNat', 'uniqueLocal']);

/** Where clouds tell secrets to who asks from inside, beside link-local addresses; and ranges with a hidden meaning. */
const neverMeant: readonly Range[] = [
	'168.63.129.16/32',
	'100.100.100.200/32',
	'192.0.0.0/24',
	'fd00:ec2::254/128',
	'fd20:ce::254/128',
	// Deprecated forms: IPv4-compatible (RFC 4291, section 2.5.5.1) and site-local (RFC 3879).
	'::/96',
	'fec0::/10',
	// Local-use translation (RFC 8215): nobody outside knows what is behind.
	'64:ff9b:1::/48',
].map(range => ipaddr.parseCIDR(range));

const translated = ipaddr.parseCIDR('64:ff9b::/96') as [ipaddr.IPv6, number];

/**
 * Says to which addresses a request may go: public ones, and what an operator has allowed. Link-local addresses and those
 * of metadata services are only allowed one by one.
 */
export class AddressGuard {
	readonly #allowPrivate: boolean;
	readonly #allowed: readonly Range[];

	/** Throws `TypeError` for a range that is none. */
	constructor({allowPrivateAddresses = false, allowedAddresses = []}: AddressGuardOptions = {}) {
		this.#allowPrivate = allowPrivateAddresses;
		this.#allowed = allowedAddresses.map(parseRange);
	}

	allows(text: string): boolean {
		// The library reads more than the system connects to, such as 1.2.3.
		if (isIP(text) === 0 || !ipaddr.isValid(text)) {
			return false;
		}
		const address = meant(ipaddr.parse(text));
		if (this.#allowed.some(range => isIn(address, range))) {
			return true;
		}
		if (isLoopback(address)) {
			return this.#allowPrivate;
		}
		if (neverMeant.some(range => isIn(address, range))) {
			return false;
		}
		const range = address.range();
		return range === 'unicast' || (this.#allowPrivate && privateRanges.has(range));
	}

	/** Throws `OutboundError` with `address-refused`. */
	check(address: string, host: string): void {
		if (!this.allows(address)) {
			throw refused(host);
		}
	}
}

export function refused(host: string): OutboundError {
	return new OutboundError(
		'address-refused',
		`${host} is or has an address that is not public: allow it by "allowPrivateAddresses" or "allowedAddresses"`,
	);
}

/** Whether the guard would take `text` as one of its ranges. */
export function isAddressRange(text: string): boolean {
	return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

function parseRange(text: string): Range {
	if (!isAddressRange(text)) {
		throw new TypeError(`${JSON.stringify(text)} is neither an address nor a range of addresses`);
	}
	const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), 128];
	return [address, address.kind() === 'ipv4' ? Math.min(bits, 32) : bits];
}

/** The IPv4 address inside of one that only wraps it: mapped (RFC 4291) or translated (RFC 6052). */
function meant(address: Address): Address {
	if (address.kind() === 'ipv4') {
		return address;
	}
	const wide = address as ipaddr.IPv6;
	if (wide.isIPv4MappedAddress()) {
		return wide.toIPv4Address();
	}
	return wide.match(translated) ? new ipaddr.IPv4(wide.toByteArray().slice(12)) : wide;
}

function isLoopback(address: Address): boolean {
	return address.range() === 'loopback';
}

function isIn(address: Address, [network, bits]: Range): boolean {
	return address.kind() === network.kind() && address.match(network, bits);
}
