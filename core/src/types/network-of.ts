import ipaddr from 'ipaddr.js';

/** The /64 of an IPv6 address, of which one subscriber has them all; any other address as it is. */
export function networkOf(remoteAddress: string): string {
	if (!ipaddr.isValid(remoteAddress)) {
		return remoteAddress.slice(0, 64);
	}
	const address = ipaddr.process(remoteAddress);
	return address instanceof ipaddr.IPv6 ? address.parts.slice(0, 4).join(':') : address.toString();
}
