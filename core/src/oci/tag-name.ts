import {RegistryError} from './registry-error.ts';

declare const brand: unique symbol;

/** Made only by {@link parseTagName}: a value of this type has been checked. */
export type TagName = string & {readonly [brand]: 'tag'};

/** The distribution specification, "Pulling manifests". */
const grammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

export function findTagName(text: string): TagName | undefined {
	return grammar.test(text) ? (text as TagName) : undefined;
}

/** Throws `TAG_INVALID`. */
export function parseTagName(text: string): TagName {
	const tag = findTagName(text);
	if (tag === undefined) {
		throw new RegistryError('TAG_INVALID', 'invalid tag', {detail: {tag: text.slice(0, 128)}});
	}
	return tag;
}
