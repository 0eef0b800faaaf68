/**
 * Whether an Ant pattern matches all of `text`: `?` is one character and `*` any number of them, none a slash; `**` between
 * slashes is any number of whole parts. Takes time in proportion to the lengths of both, whatever the pattern.
 */
export function matchesAnt(pattern: string, text: string): boolean {
	return matchesList(pattern.split('/'), text.split('/'), '**', matchesPart);
}

function matchesPart(pattern: string, part: string): boolean {
	return matchesList(Array.from(pattern), Array.from(part), '*', (one, character) => one === '?' || one === character);
}

/** Wildcard matching of lists: going back to the last wildcard is enough. */
function matchesList(
	patterns: readonly string[],
	items: readonly string[],
	wildcard: string,
	matches: (pattern: string, item: string) => boolean,
): boolean {
	let [at, from] = [0, 0];
	let [lastWildcard, retry] = [-1, 0];
	while (from < items.length) {
		const pattern = patterns[at];
		if (pattern === wildcard) {
			[lastWildcard, retry] = [at, from];
			at++;
		} else if (pattern !== undefined && matches(pattern, items[from] as string)) {
			at++;
			from++;
		} else if (lastWildcard >= 0) {
			at = lastWildcard + 1;
			from = ++retry;
		} else {
			return false;
		}
	}
	return patterns.slice(at).every(pattern => pattern === wildcard);
}
