/** Half-open: `end` is the first byte not sent. The core only passes `0 <= start < end <= size`. */
export interface ByteRange {
	readonly start: number;
	readonly end: number;
}
