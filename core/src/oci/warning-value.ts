/** How many bytes of warnings a client reads (distribution specification, "Warnings"). */
const longestWarning = 1024;

/** Value of a `Warning` header that clients show to their user (RFC 7234, section 5.5, code 299). */
export function warningValue(text: string): string {
	const plain = text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, longestWarning);
	return `299 - "${plain.replaceAll(/["\\]/g, '\\$&')}"`;
}
