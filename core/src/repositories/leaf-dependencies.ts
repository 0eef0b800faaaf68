/** Keys of all that `key` is made of, behind those that are made of others themselves, each once and in their order. */
export function leafDependencies(key: string, dependenciesOf: (key: string) => readonly string[]): readonly string[] {
	const leaves = new Set<string>();
	const seen = new Set([key]);
	const add = (dependencies: readonly string[]) => {
		for (const dependency of dependencies) {
			if (seen.has(dependency)) {
				continue;
			}
			seen.add(dependency);
			const inner = dependenciesOf(dependency);
			if (inner.length === 0) {
				leaves.add(dependency);
			} else {
				add(inner);
			}
		}
	};
	add(dependenciesOf(key));
	return [...leaves];
}
