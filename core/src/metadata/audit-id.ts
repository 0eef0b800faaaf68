import {randomBytes} from 'node:crypto';

const randomLength = 8;

/** What the ids of entries of that time, and of no earlier one, begin with: they sort as the times do until the year 10889. */
export function auditIdAt(at: Date): string {
	return Math.max(0, at.getTime()).toString(16).padStart(12, '0');
}

/** An id that no other entry has. */
export function makeAuditId(at: Date): string {
	return `${auditIdAt(at)}-${randomBytes(randomLength).toString('hex')}`;
}
