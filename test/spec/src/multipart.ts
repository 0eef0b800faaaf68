/** A part of a `multipart/byteranges` body (RFC 9110, section 14.6). */
export interface RangePart {
	readonly contentRange: string;
	readonly bytes: Buffer;
}

/** Splits the body by the boundary that `contentType` names; throws when it is not of that form. */
export function rangeParts(contentType: string, body: Buffer): readonly RangePart[] {
	const boundary = /^multipart\/byteranges;\s*boundary="?([^";]+)"?$/i.exec(contentType)?.[1];
	if (boundary === undefined) {
		throw new Error(`not a multipart answer: ${contentType}`);
	}
	const sections = body.toString('latin1').split(`--${boundary}`);
	if (sections.length < 3 || !sections.at(-1)?.startsWith('--')) {
		throw new Error('the multipart body does not end with its boundary');
	}
	return sections.slice(1, -1).map(section => {
		const end = section.indexOf('\r\n\r\n');
		const contentRange = /^content-range:\s*(.*)$/im.exec(section.slice(0, end))?.[1]?.trim();
		if (end < 0 || contentRange === undefined) {
			throw new Error('a part without Content-Range');
		}
		return {contentRange, bytes: Buffer.from(section.slice(end + 4).replace(/\r\n$/, ''), 'latin1')};
	});
}
