import {RestError} from '@azure/core-rest-pipeline';
import type {AccessToken, GetTokenOptions, TokenCredential} from '@azure/identity';
import {type Abortable, unlessAborted} from '@stowage/core';
import {classifyError} from './errors.ts';

/** A token with less time left is renewed, in the background while it has any to spare. */
const renewal = 120_000;
const spare = 5_000;

/**
 * Tokens of one identity. All callers share one request for a token, and each stops waiting when its signal says so.
 * Nobody waits longer than `timeout` milliseconds, which is trouble like that of the service: worth another try.
 */
export class Tokens implements TokenCredential {
	/** What tokens are for. */
	readonly scope = 'https://storage.azure.com/.default';
	readonly #credential: TokenCredential;
	readonly #timeout: number;
	#known: AccessToken | undefined;
	#asking: Promise<AccessToken> | undefined;

	constructor(credential: TokenCredential, timeout: number) {
		this.#credential = credential;
		this.#timeout = timeout;
	}

	/** One for the service, kept as long as it is good. */
	async get({signal}: Abortable): Promise<string> {
		const known = this.#known;
		const left = (known?.expiresOnTimestamp ?? 0) - Date.now();
		if (known !== undefined && left > renewal) {
			return known.token;
		}
		const asking = this.#ask();
		if (known !== undefined && left > spare) {
			// Who comes when this one has ended is told.
			asking.catch(() => undefined);
			return known.token;
		}
		return (await unlessAborted(asking, signal)).token;
	}

	/** One that is not kept, for whatever is asked. */
	async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
		const late = AbortSignal.timeout(this.#timeout);
		try {
			// Most identities do not mind a signal.
			const asked = this.#credential.getToken(scopes, {...options, abortSignal: late});
			const token = await unlessAborted(asked, late);
			if (token === null) {
				throw new RestError('the identity gave no token', {code: 'denied'});
			}
			return token;
		} catch (cause) {
			throw this.#failure(cause, late.aborted);
		}
	}

	#ask(): Promise<AccessToken> {
		this.#asking ??= this.#renew().finally(() => {
			this.#asking = undefined;
		});
		return this.#asking;
	}

	async #renew(): Promise<AccessToken> {
		this.#known = await this.getToken(this.scope);
		return this.#known;
	}

	/** Only errors of this class are worth another try to the SDK's retry policy. */
	#failure(cause: unknown, late: boolean): unknown {
		if (late) {
			return new RestError(`the identity gave no token within ${this.#timeout} ms`, {code: 'ETIMEDOUT'});
		}
		if (classifyError(cause) !== 'unavailable') {
			return cause;
		}
		const message = cause instanceof Error ? cause.message : String(cause);
		const failure = new RestError(`the identity gave no token: ${message}`, {code: RestError.REQUEST_SEND_ERROR});
		failure.cause = cause;
		return failure;
	}
}
