import {
	BlobSASPermissions,
	type BlobServiceClient,
	type BlobSASSignatureValues,
	SASProtocol,
	type StorageSharedKeyCredential,
	type UserDelegationKey,
	generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import type {Abortable} from '@stowage/core';
import {DelegationError, classifyError} from './errors.ts';

/** Clocks differ: what is signed is valid from a while ago on. */
const skew = 5 * 60_000;
const keyLifetime = 60 * 60_000;
/** Version of the signature (`sv`). All that is needed is in it, and Azure Stack Hub and emulators know it as well. */
const version = '2020-12-06';

export interface SignRequest extends Abortable {
	readonly container: string;
	readonly blob: string;
	readonly expiresInSeconds: number;
	/** What the service says the blob is, instead of what it was stored as. */
	readonly contentType?: string;
	/** Whether plain HTTP will do, as it must with an emulator. */
	readonly plain: boolean;
}

/** Gives the query of an address with which anybody may read one blob for a while: GET and HEAD, ranges included. */
export type SignUrl = (request: SignRequest) => Promise<string>;

/** Service SAS: signed here, with a key of the account. */
export function accountKeySigner(credential: StorageSharedKeyCredential): SignUrl {
	return async request => generateBlobSASQueryParameters(valuesOf(request), credential).toString();
}

/**
 * User delegation SAS: signed here, with a key that the service gives to an identity which may ask for one
 * (`generateUserDelegationKey`, which is an action on the account). The key is used again for an hour. Rejects with
 * `DelegationError` when the identity gets none.
 */
export function delegationKeySigner(service: BlobServiceClient, account: string): SignUrl {
	let known: {readonly key: UserDelegationKey; readonly expiresAt: number} | undefined;
	return async request => {
		const values = valuesOf(request);
		const neededUntil = values.expiresOn?.getTime() ?? 0;
		if (known === undefined || known.expiresAt < neededUntil) {
			const expiresAt = neededUntil + keyLifetime;
			known = {key: await delegationKey(service, expiresAt, request), expiresAt};
		}
		return generateBlobSASQueryParameters(values, known.key, account).toString();
	};
}

async function delegationKey(
	service: BlobServiceClient,
	expiresAt: number,
	{signal}: Abortable,
): Promise<UserDelegationKey> {
	const from = new Date(Date.now() - skew);
	try {
		return await service.getUserDelegationKey(from, new Date(expiresAt), {abortSignal: signal});
	} catch (cause) {
		throw classifyError(cause) === 'denied' ? new DelegationError({cause}) : cause;
	}
}

function valuesOf({container, blob, expiresInSeconds, contentType, plain}: SignRequest): BlobSASSignatureValues {
	return {
		version,
		containerName: container,
		blobName: blob,
		permissions: BlobSASPermissions.from({read: true}),
		startsOn: new Date(Date.now() - skew),
		expiresOn: new Date(Date.now() + expiresInSeconds * 1000),
		protocol: plain ? SASProtocol.HttpsAndHttp : SASProtocol.Https,
		contentType,
	};
}
