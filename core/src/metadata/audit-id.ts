import {randomBytes} from 'node:crypto';

const randomLength = 6;
const mostAtOnce = 0x10000;

/** What the ids of entries of that time, and of no earlier one, begin with: they sort as the times do until the year 10889. */
export function auditIdAt(at: Date): string {
	return Math.max(0, at.getTime()).toString(16).padStart(12, '0');
}

/** An id that no other entry has. Of those of one millisecond, the one with the greater `sequence` sorts later. */
export function makeAuditId(at: Date, sequence = 0): string {
	const place = (sequence % mostAtOnce).toString(16).padStart(4, '0');
	return `${auditIdAt(at)}-${place}${randomBytes(randomLength).toString('hex')}`;
}
