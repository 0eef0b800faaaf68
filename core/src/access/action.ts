/** From the least to the most. */
export const actions = ['read', 'annotate', 'write', 'delete', 'manage'] as const;

/** What a caller may do to an image, in the words of permission targets. Overwriting a tag asks for `delete` as well. */
export type Action = (typeof actions)[number];

export function isAction(text: unknown): text is Action {
	return actions.some(action => action === text);
}
