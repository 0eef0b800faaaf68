import {RegistryError} from '@stowage/core';

/** A host as clients name registries, in lower case: a name or an address of IPv6 in brackets, perhaps with a port. */
const grammar = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;

/** The dot that ends a whole name: with it or without, it is the same host. */
const lastDot = /(?<=[a-z0-9])\.(?=(?::\d+)?$)/;

/**
 * The registry that a client of a mirror means, from the `ns` parameter that containerd adds (distribution specification,
 * "Registry Proxying"). Undefined without one. Throws `NAME_UNKNOWN` for what is no host: whatever is meant, nobody here
 * serves it, and what is here must not be taken for it.
 */
export function namespaceOf(url: string): string | undefined {
	const query = url.indexOf('?');
	if (query < 0 || !url.includes('ns=', query)) {
		return undefined;
	}
	const text = new URLSearchParams(url.slice(query + 1)).get('ns');
	if (text === null || text === '') {
		return undefined;
	}
	const namespace = text.toLowerCase().replace(lastDot, '');
	if (!grammar.test(namespace)) {
		throw new RegistryError('NAME_UNKNOWN', 'what the parameter "ns" names is no registry');
	}
	return namespace;
}
