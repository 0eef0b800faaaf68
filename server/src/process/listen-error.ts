import {type ListenAddress, toHostAndPort} from '../config/listen-address.ts';

/** An address could not be listened on. The message says what can be done. */
export class ListenError extends Error {
	readonly code: string;

	constructor(address: ListenAddress, cause: NodeJS.ErrnoException) {
		super(`cannot listen on ${toHostAndPort(address)}: ${advice(cause)}`, {cause});
		this.name = 'ListenError';
		this.code = cause.code ?? 'UNKNOWN';
	}
}

function advice(cause: NodeJS.ErrnoException): string {
	switch (cause.code) {
		case 'EADDRINUSE':
			return 'another program listens there; stop it, or choose another port with --listen';
		case 'EACCES':
			return 'this user may not; ports below 1024 need the capability CAP_NET_BIND_SERVICE';
		case 'EADDRNOTAVAIL':
			return 'this machine has no such address';
		case 'ENOTFOUND':
			return 'no such host name';
		default:
			return cause.message;
	}
}
