/**
 * Keys of a circle that `key` would be in, beginning and ending with it, if it were made of `dependencies`; undefined
 * when there is none. `dependenciesOf` gives those of the repositories that exist.
 */
export function findDependencyCircle(
	key: string,
	dependencies: readonly string[],
	dependenciesOf: (key: string) => readonly string[],
): readonly string[] | undefined {
	const seen = new Set<string>();
	const search = (path: readonly string[], next: readonly string[]): readonly string[] | undefined => {
		for (const dependency of next) {
			if (dependency === key) {
				return [...path, key];
			}
			if (!seen.has(dependency)) {
				seen.add(dependency);
				const circle = search([...path, dependency], dependenciesOf(dependency));
				if (circle !== undefined) {
					return circle;
				}
			}
		}
		return undefined;
	};
	return search([key], dependencies);
}
