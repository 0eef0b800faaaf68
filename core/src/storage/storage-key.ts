/** Longest key in characters: what the narrowest object store takes, less room for an operator's prefix. */
export const maxKeyLength = 900;
/** Longest part between slashes: a file name has 255 bytes, of which a driver may need some for an ending. */
export const maxSegmentLength = 240;

const segmentGrammar = /^[a-z0-9._-]+$/;

/** Whether `text` is a key as the driver contract promises it: relative, without `.` and `..`. */
export function isStorageKey(text: string): boolean {
	return text.length <= maxKeyLength && text.split('/').every(isSegment);
}

/** Whether keys can start with `text`: a key, a part of one, or nothing. */
export function isStorageKeyPrefix(text: string): boolean {
	const segments = text.split('/');
	const last = segments.pop();
	return text.length <= maxKeyLength && segments.every(isSegment) && (last === '' || isSegment(last ?? ''));
}

function isSegment(text: string): boolean {
	return text.length <= maxSegmentLength && segmentGrammar.test(text) && text !== '.' && text !== '..';
}
