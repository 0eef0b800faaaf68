/** Error codes of the distribution specification ("Error Codes") with the status each is answered with. */
export const registryErrorStatuses = {
	BLOB_UNKNOWN: 404,
	BLOB_UPLOAD_INVALID: 400,
	BLOB_UPLOAD_UNKNOWN: 404,
	DIGEST_INVALID: 400,
	MANIFEST_BLOB_UNKNOWN: 400,
	MANIFEST_INVALID: 400,
	MANIFEST_UNKNOWN: 404,
	NAME_INVALID: 400,
	NAME_UNKNOWN: 404,
	RANGE_INVALID: 416,
	SIZE_INVALID: 400,
	TAG_INVALID: 400,
	PAGINATION_NUMBER_INVALID: 400,
	UNAUTHORIZED: 401,
	DENIED: 403,
	UNSUPPORTED: 405,
	TOOMANYREQUESTS: 429,
	UNAVAILABLE: 503,
	UNKNOWN: 500,
} as const;

export type RegistryErrorCode = keyof typeof registryErrorStatuses;

export interface RegistryErrorOptions extends ErrorOptions {
	/** Where the specification allows another status than the usual one of the code. */
	readonly status?: number;
	/** Shown to the client as `detail`: never holds a secret. */
	readonly detail?: unknown;
	/** Further headers of the answer, such as `Retry-After`. */
	readonly headers?: Readonly<Record<string, string>>;
	/**
	 * Set where another server said so when it was asked for the client: then it is not the client who is refused, and
	 * signing in here would not help him. `unseen`: that server let us in, but says of what it does not have the same as of
	 * what is not for us.
	 */
	readonly elsewhere?: 'trouble' | 'unseen';
}

/** What a client is told, in the form of the distribution specification. Message and detail are safe to show. */
export class RegistryError extends Error {
	override readonly name = 'RegistryError';
	readonly code: RegistryErrorCode;
	readonly status: number;
	readonly detail: unknown;
	readonly headers: Readonly<Record<string, string>>;
	readonly elsewhere: RegistryErrorOptions['elsewhere'];

	constructor(code: RegistryErrorCode, message: string, options: RegistryErrorOptions = {}) {
		super(message, options);
		this.code = code;
		this.status = options.status ?? registryErrorStatuses[code];
		this.detail = options.detail;
		this.headers = options.headers ?? {};
		this.elsewhere = options.elsewhere;
	}
}
