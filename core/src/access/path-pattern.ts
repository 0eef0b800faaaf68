import {matchesWildcard} from './matches-wildcard.ts';

const longest = 1024;
const mostSegments = 64;

/**
 * An Ant-style pattern on paths: `?` is one character of a segment, `*` any number of them, `**` any number of segments.
 * A slash at its end means everything below. Letter case counts.
 *
 * Rights are decided for whole images, so what a pattern is held against is the image's name, with `**` also standing for
 * no segment at all: `team/**` holds `team`, `team/app` and `team/app/debug`; `team/*` holds `team/app` alone. Artifactory's
 * paths go on into the image (`<image>/<tag>/manifest.json`): its usual `<image>/**` means the same here, whereas a
 * pattern that names a tag holds no image of that name.
 */
export interface PathPattern {
	/** As it was given. */
	readonly text: string;
	/** Takes time in proportion to the lengths of pattern and path at worst, multiplied. */
	matches(path: string): boolean;
}

/** Undefined when `text` is empty, has a control character or `..`, or is longer than 1,024 characters or 64 segments. */
export function findPathPattern(text: string): PathPattern | undefined {
	const segments = segmentsOf(text);
	if (segments.length === 0 || segments.length > mostSegments || text.length > longest || /\p{Cc}/u.test(text)) {
		return undefined;
	}
	return segments.includes('..') ? undefined : {text, matches: matcherOf(segments)};
}

function segmentsOf(text: string): readonly string[] {
	const whole = text.endsWith('/') && /[^/]/.test(text) ? `${text}**` : text;
	const segments = whole.split('/').filter(segment => segment !== '');
	return segments.filter((segment, index) => segment !== '**' || segments[index - 1] !== '**');
}

function matcherOf(segments: readonly string[]): PathPattern['matches'] {
	const wild = segments.findIndex(segment => /[*?]/.test(segment));
	const literal = segments.slice(0, wild < 0 ? undefined : wild).join('/');
	if (wild < 0) {
		return path => path === literal;
	}
	if (wild === segments.length - 1 && segments[wild] === '**') {
		return literal === '' ? () => true : path => path === literal || path.startsWith(`${literal}/`);
	}
	return path => matchSegments(segments, path.split('/'));
}

/** Only the last `**` ever has to take one more segment: whatever came before it fits as early as it can. */
function matchSegments(pattern: readonly string[], path: readonly string[]): boolean {
	let at = 0;
	let deep = -1;
	let resume = 0;
	for (let index = 0; index < path.length;) {
		const segment = pattern[at];
		if (segment === '**') {
			deep = at++;
			resume = index;
		} else if (segment !== undefined && matchesWildcard(segment, path[index] ?? '')) {
			at++;
			index++;
		} else if (deep >= 0) {
			at = deep + 1;
			index = ++resume;
		} else {
			return false;
		}
	}
	return at === pattern.length || (at === pattern.length - 1 && pattern[at] === '**');
}
