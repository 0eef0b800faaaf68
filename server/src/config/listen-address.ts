import {isIPv6} from 'node:net';

/** A host and a port; port 0 takes a free one. */
export interface ListenAddress {
	readonly host: string;
	readonly port: number;
}

const form = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/;

/** Reads `host:port`, `[::1]:port` for IPv6. Undefined when it is no such thing. */
export function parseListenAddress(text: string): ListenAddress | undefined {
	const [, six, host, digits] = form.exec(text) ?? [];
	const port = Number(digits);
	if (digits === undefined || port > 65_535) {
		return undefined;
	}
	if (six !== undefined) {
		return isIPv6(six) ? {host: six, port} : undefined;
	}
	return {host: host ?? '', port};
}

/** As it stands in a URL. */
export function toHostAndPort({host, port}: ListenAddress): string {
	return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
