import {RegistryError} from './registry-error.ts';

declare const brand: unique symbol;

/** Id of an image, which is one layer, in Docker's first registry API. Made only by {@link findV1ImageId}. */
export type V1ImageId = string & {readonly [brand]: 'v1-image'};

/** As the reference implementation has it: engines made ids of 64 digits, and the very first ones of 16. */
const grammar = /^(?:[a-f0-9]{16}|[a-f0-9]{64})$/;

/** How many images one is made of at most, itself counted: engines refuse more than 127 layers. */
export const mostV1Ancestors = 500;

export function findV1ImageId(text: unknown): V1ImageId | undefined {
	return typeof text === 'string' && grammar.test(text) ? (text as V1ImageId) : undefined;
}

/** Throws `NAME_INVALID` with status 404, as clients of that API expect it. */
export function parseV1ImageId(text: string): V1ImageId {
	const id = findV1ImageId(text);
	if (id === undefined) {
		throw new RegistryError('NAME_INVALID', 'Invalid image ID', {status: 404, detail: {id: text.slice(0, 64)}});
	}
	return id;
}
