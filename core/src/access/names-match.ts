import type {ImageName} from '../oci/image-name.ts';
import type {PathPattern} from './path-pattern.ts';

/** Whether one of the patterns matches an image, by either of its names where it has two. */
export function namesMatch(
	patterns: readonly PathPattern[],
	image: ImageName,
	otherName: ImageName | undefined,
): boolean {
	return patterns.some(pattern => pattern.matches(image) || (otherName !== undefined && pattern.matches(otherName)));
}
