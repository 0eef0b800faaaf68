import {RegistryError} from './registry-error.ts';

declare const brand: unique symbol;

/** A name inside a repository. Made only by {@link parseImageName}: a value of this type has been checked. */
export type ImageName = string & {readonly [brand]: 'image'};

/** The distribution specification ("Pulling manifests"); 255 characters as clients and peers have it. */
const grammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const maxLength = 255;

export function findImageName(text: string): ImageName | undefined {
	return text.length <= maxLength && grammar.test(text) ? (text as ImageName) : undefined;
}

/** Throws `NAME_INVALID`. */
export function parseImageName(text: string): ImageName {
	const name = findImageName(text);
	if (name === undefined) {
		throw new RegistryError('NAME_INVALID', 'invalid image name', {detail: {name: text.slice(0, maxLength)}});
	}
	return name;
}
