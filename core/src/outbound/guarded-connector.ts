import {type LookupAddress, type LookupAllOptions, lookup} from 'node:dns';
import {type LookupFunction, isIP} from 'node:net';
import {buildConnector} from 'undici';
import {type AddressGuard, refused} from './address-guard.ts';

/**
 * Opens connections to allowed addresses only. What was looked up is what is connected to, so that no second answer of
 * the name server counts.
 */
export function guardedConnector(options: buildConnector.BuildOptions, guard: AddressGuard): buildConnector.connector {
	const connect = buildConnector({...options, lookup: guardedLookup(guard)});
	return (target, callback) => {
		if (isIP(target.hostname) !== 0 && !guard.allows(target.hostname)) {
			callback(refused(target.hostname), null);
			return;
		}
		connect(target, callback);
	};
}

/** A name server's answers without those addresses that are not allowed. Fails when none is left. */
export function guardedLookup(guard: AddressGuard): LookupFunction {
	return (hostname, options, callback) => {
		const done = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[] = []) => {
			const allowed = addresses.filter(({address}) => guard.allows(address));
			const [first] = allowed;
			if (error !== null || first === undefined) {
				callback(error ?? refused(hostname), '', 0);
			} else if (options.all === true) {
				callback(null, allowed);
			} else {
				callback(null, first.address, first.family);
			}
		};
		lookup(hostname, {...options, all: true} as LookupAllOptions, done);
	};
}
