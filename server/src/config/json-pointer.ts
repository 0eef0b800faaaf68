/** The steps of a JSON pointer (RFC 6901). */
export function toSteps(pointer: string): string[] {
	return pointer
		.split('/')
		.slice(1)
		.map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
