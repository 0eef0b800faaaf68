/**
 * Whether a pattern fits all of a text: `*` is any number of characters, slashes too, and `?` is one, unless
 * `questionMark` is false. Takes time in proportion to the lengths of both at worst, multiplied: only the last `*` ever has
 * to take one more.
 */
export function matchesWildcard(pattern: string, text: string, {questionMark = true} = {}): boolean {
	let at = 0;
	let star = -1;
	let resume = 0;
	for (let index = 0; index < text.length;) {
		const character = pattern[at];
		if (character === '*') {
			star = at++;
			resume = index;
		} else if (character !== undefined && ((questionMark && character === '?') || character === text[index])) {
			at++;
			index++;
		} else if (star >= 0) {
			at = star + 1;
			index = ++resume;
		} else {
			return false;
		}
	}
	while (pattern[at] === '*') {
		at++;
	}
	return at === pattern.length;
}
