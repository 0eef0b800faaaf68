/** Tells a client's user that what he gets may be out of date. */
export function storedWarning(key: string, why: string): string {
	return `"${key}" serves what it has stored: ${why}`;
}
