import {type Ruled, leavesOut} from './repository-rules.ts';

/** From a repository made of others to one of its members: those between them that leave something out, in order. */
export type Way = readonly Ruled[];

interface Walked extends Ruled {
	readonly members?: readonly string[];
}

/**
 * Keys of all that these repositories come to in the end, behind those that are made of others themselves, each once and in
 * their order, with the ways by which they are come to. `find` is asked for a key more than once, perhaps.
 */
export async function findWays(
	keys: readonly string[],
	find: (key: string) => Promise<Walked | undefined>,
): Promise<ReadonlyMap<string, readonly Way[]>> {
	const found = new Map<string, readonly Way[]>();
	const walked = new Set<string>();
	const walk = async (next: readonly string[], way: Way): Promise<void> => {
		for (const key of next) {
			const step = [...way.map(one => one.key), key].join(' ');
			if (walked.has(step) || way.some(one => one.key === key)) {
				continue;
			}
			walked.add(step);
			const repository = await find(key);
			if (repository?.members === undefined) {
				found.set(key, [...(found.get(key) ?? []), way]);
			} else {
				await walk(repository.members, leavesOut(repository) ? [...way, repository] : way);
			}
		}
	};
	await walk(keys, []);
	return found;
}
