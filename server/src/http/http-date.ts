const texts = new WeakMap<Date, string>();

/** A date as headers have it (RFC 9110, section 5.6.7). Dates that are kept are put into words once. */
export function httpDateOf(date: Date): string {
	let text = texts.get(date);
	if (text === undefined) {
		text = date.toUTCString();
		texts.set(date, text);
	}
	return text;
}
