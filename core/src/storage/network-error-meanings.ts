import type {StorageErrorCode} from './driver.ts';

/** What codes of sockets, of name look-ups and of broken streams mean to a storage reached over a network. */
export const networkErrorMeanings: Readonly<Record<string, StorageErrorCode>> = {
	ECONNRESET: 'unavailable',
	ECONNREFUSED: 'unavailable',
	ECONNABORTED: 'unavailable',
	EPIPE: 'unavailable',
	ETIMEDOUT: 'unavailable',
	EHOSTUNREACH: 'unavailable',
	ENETUNREACH: 'unavailable',
	ENOTFOUND: 'unavailable',
	EAI_AGAIN: 'unavailable',
	ERR_STREAM_PREMATURE_CLOSE: 'unavailable',
};
