/** A host as clients name registries, in lower case, perhaps with a port. */
const grammar = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?$/;

/**
 * The registry that a client of a mirror means, from the `ns` parameter that containerd adds (distribution specification,
 * "Registry Proxying"). Undefined without one, and for what is no host.
 */
export function namespaceOf(url: string): string | undefined {
	const query = url.indexOf('?');
	if (query < 0 || !url.includes('ns=', query)) {
		return undefined;
	}
	const namespace = new URLSearchParams(url.slice(query + 1)).get('ns')?.toLowerCase();
	return namespace !== undefined && grammar.test(namespace) ? namespace : undefined;
}
