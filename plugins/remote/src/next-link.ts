const link = /<([^<>]*)>((?:[^",]|"(?:[^"\\]|\\.)*"?)*)/g;
const parameter = /;\s*([^\s=;,]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;,]*))/g;

/**
 * The target of the first link to a next page in a `Link` header (RFC 8288, section 3); undefined when there is none. What is
 * wrong in it is passed over as far as that can be.
 */
export function findNextLink(header: string): string | undefined {
	for (const [, target, parameters = ''] of header.matchAll(link)) {
		if (relationsOf(parameters).includes('next')) {
			return target;
		}
	}
	return undefined;
}

/** In lower case; those of the first `rel`, since further ones do not count. */
function relationsOf(parameters: string): readonly string[] {
	for (const [, name = '', quoted, token = ''] of parameters.matchAll(parameter)) {
		if (name.toLowerCase() === 'rel') {
			const value = quoted === undefined ? token : quoted.replaceAll(/\\(.)/g, '$1');
			return value.toLowerCase().split(/\s+/);
		}
	}
	return [];
}
