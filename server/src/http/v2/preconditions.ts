import type {IncomingHttpHeaders} from 'node:http';

/** Of what is asked for. */
export interface Validators {
	/** Without quotes. */
	readonly etag: string;
	/** Undefined for what never changes, because it is named by its digest. */
	readonly modifiedAt?: Date;
}

/** Whether the client has it already (RFC 9110, section 13.1). Bare entity tags are understood too, as Artifactory does. */
export function isNotModified(headers: IncomingHttpHeaders, {etag, modifiedAt}: Validators): boolean {
	const known = headers['if-none-match'];
	if (known !== undefined) {
		return known.split(',').some(text => {
			const tag = text.trim().replace(/^W\//, '');
			return tag === '*' || tag === `"${etag}"` || tag === etag;
		});
	}
	const since = headers['if-modified-since'];
	if (since === undefined) {
		return false;
	}
	const time = Date.parse(since);
	return modifiedAt === undefined ? !Number.isNaN(time) : Math.floor(modifiedAt.getTime() / 1000) * 1000 <= time;
}

/** Whether a `Range` counts: not when the client has a part of something else (RFC 9110, section 13.1.5). */
export function isSameRange(headers: IncomingHttpHeaders, etag: string): boolean {
	const same = headers['if-range'];
	return same === undefined || same === `"${etag}"` || same === etag;
}
