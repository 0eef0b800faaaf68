/** A copy in the cache: of which object, and how many bytes it has when it is whole. */
export interface Copy {
	readonly key: string;
	readonly size: number;
}

/** Under what key the cache has it. The size is in it, so that a file that has lost bytes is known from its name. */
export function copyName({key, size}: Copy): string {
	return `${key}.${size}`;
}

/** What a key of the cache says of a copy; undefined for a key that is not of one. */
export function findCopy(name: string): Copy | undefined {
	const [, key, size] = /^(.+)\.(0|[1-9]\d*)$/.exec(name) ?? [];
	return key === undefined ? undefined : {key, size: Number(size)};
}
