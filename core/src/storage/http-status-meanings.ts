import type {StorageErrorCode} from './driver.ts';

/** What a status of HTTP means to a storage that is a service reached by it (RFC 9110, section 15; RFC 4918, section 11.5). */
export const httpStatusMeanings: Readonly<Record<number, StorageErrorCode>> = {
	401: 'denied',
	403: 'denied',
	404: 'not-found',
	408: 'unavailable',
	413: 'full',
	429: 'unavailable',
	500: 'unavailable',
	502: 'unavailable',
	503: 'unavailable',
	504: 'unavailable',
	507: 'full',
};
