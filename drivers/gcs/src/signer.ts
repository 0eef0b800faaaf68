import {createSign} from 'node:crypto';
import type {Abortable, SignedUrlOptions} from '@stowage/core';
import {type GoogleAuth, Impersonated, JWT} from 'google-auth-library';
import {CredentialsError, classifyError, credentialsFailure} from './errors.ts';
import type {Requests} from './requests.ts';
import {signedAddress} from './signed-address.ts';
import {withinTime} from './within-time.ts';

export interface SignerOptions {
	/** Address of the service, for the addresses that are signed. */
	readonly endpoint: string;
	readonly bucket: string;
	readonly userProject?: string;
	/** Milliseconds that each service may take which is asked. */
	readonly timeout: number;
}

/** Signs addresses as a service account: with its key, or without one by the IAM API. */
export class Signer {
	readonly #auth: GoogleAuth;
	readonly #iam: Requests;
	readonly #options: SignerOptions;
	#email: string | undefined;

	/** `iam` are calls of the IAM Service Account Credentials API; they end with the signer. */
	constructor(auth: GoogleAuth, iam: Requests, options: SignerOptions) {
		this.#auth = auth;
		this.#iam = iam;
		this.#options = options;
	}

	/** An address with which anybody may GET an object of this name for a while. */
	async sign(name: string, {expiresInSeconds, contentType, signal}: SignedUrlOptions): Promise<URL> {
		signal?.throwIfAborted();
		const {endpoint, bucket, userProject} = this.#options;
		this.#email ??= await this.#findEmail({signal});
		const email = this.#email;
		return signedAddress({
			endpoint,
			bucket,
			name,
			email,
			expiresInSeconds,
			query: {userProject, 'response-content-type': contentType},
			sign: text => this.#signature(email, text, {signal}),
		});
	}

	/** Ends all connections. */
	async close(): Promise<void> {
		await this.#iam.close();
	}

	/** The metadata server knows it where nothing else does. */
	async #findEmail({signal}: Abortable): Promise<string> {
		const {client_email: email} = await this.#within(this.#auth.getCredentials(), {signal});
		if (email === undefined) {
			throw new CredentialsError('there is no service account to sign as');
		}
		return email;
	}

	async #signature(email: string, text: string, {signal}: Abortable): Promise<Buffer> {
		const client = await this.#within(this.#auth.getClient(), {signal});
		if (client instanceof JWT && client.key !== undefined) {
			return createSign('RSA-SHA256').update(text).sign(client.key);
		}
		const signed =
			client instanceof Impersonated
				? await this.#within(client.sign(text), {signal})
				: await this.#signedByIam(email, text, {signal});
		return Buffer.from(signed?.signedBlob ?? '', 'base64');
	}

	async #signedByIam(email: string, text: string, {signal}: Abortable): Promise<{signedBlob: string} | undefined> {
		try {
			return await this.#iam.json<{signedBlob: string}>({
				method: 'POST',
				path: `/v1/projects/-/serviceAccounts/${email}:signBlob`,
				headers: {'content-type': 'application/json'},
				body: JSON.stringify({payload: Buffer.from(text).toString('base64')}),
				signal,
			});
		} catch (cause) {
			throw classifyError(cause) === 'unavailable' || signal?.aborted === true ? cause : mayNotSign(email, cause);
		}
	}

	/** For what the library asks others. */
	async #within<Result>(work: Promise<Result>, {signal}: Abortable): Promise<Result> {
		try {
			return await withinTime(work, this.#options.timeout, {signal});
		} catch (cause) {
			throw signal?.aborted === true ? cause : credentialsFailure(cause);
		}
	}
}

function mayNotSign(email: string, cause: unknown): CredentialsError {
	const message = cause instanceof Error ? cause.message : String(cause);
	return new CredentialsError(
		`${email} cannot sign: ${message}; give it "Service Account Token Creator" (roles/iam.serviceAccountTokenCreator) on itself`,
		{cause},
	);
}
