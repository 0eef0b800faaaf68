/** What a body of another length than it should have ends with: a short one must never look like a whole one. */
export function wrongSize(passed: number, size: number): Error {
	return new Error(`the storage gave ${passed > size ? 'more than' : 'only'} ${passed} of ${size} bytes`);
}
