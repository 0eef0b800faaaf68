import {randomBytes, randomUUID} from 'node:crypto';
import {ConflictError, type MetadataStore, RegistryError, type UserRecord} from '@stowage/core';
import {apiKeyOf, secretHashOf} from './secret.ts';

const settingName = 'api-key-secret';

/** The key of a user that stands for him in scripts: accepted wherever his password is. One at most. */
export class ApiKeys {
	readonly #metadata: MetadataStore;

	constructor(metadata: MetadataStore) {
		this.#metadata = metadata;
	}

	async find({id}: Pick<UserRecord, 'id'>): Promise<string | undefined> {
		const record = await this.#metadata.accessTokens.findApiKey(id);
		return record && apiKeyOf(record.id, await readSecret(this.#metadata));
	}

	/** Throws 400 when the user has one. */
	async make(user: Pick<UserRecord, 'id' | 'name'>): Promise<string> {
		try {
			return await insertKey(this.#metadata, user);
		} catch (error) {
			if (error instanceof ConflictError) {
				throw new RegistryError('UNSUPPORTED', 'there is an API key already', {status: 400, cause: error});
			}
			throw error;
		}
	}

	/** Another one in the place of what he has, if he has one. */
	async renew(user: Pick<UserRecord, 'id' | 'name'>): Promise<string> {
		return this.#metadata.transaction(async store => {
			await deleteKey(store, user.id);
			return insertKey(store, user);
		});
	}

	/** False when there was none. */
	async revoke({id}: Pick<UserRecord, 'id'>): Promise<boolean> {
		return deleteKey(this.#metadata, id);
	}
}

async function insertKey(store: MetadataStore, {id: userId, name}: Pick<UserRecord, 'id' | 'name'>): Promise<string> {
	const id = randomUUID();
	const key = apiKeyOf(id, await readSecret(store));
	await store.accessTokens.insert({
		id,
		kind: 'api-key',
		subject: name,
		userId,
		scope: 'applied-permissions/user',
		description: 'API key',
		issuedBy: name,
		issuedAt: new Date(),
		secretHash: secretHashOf(key),
	});
	return key;
}

async function deleteKey(store: MetadataStore, userId: number): Promise<boolean> {
	const known = await store.accessTokens.findApiKey(userId);
	return known !== undefined && (await store.accessTokens.delete(known.id));
}

async function readSecret({settings}: MetadataStore): Promise<string> {
	const known =
		(await settings.find(settingName)) ?? (await settings.insertOnce(settingName, randomBytes(32).toString('hex')));
	if (typeof known !== 'string') {
		throw new Error(`the setting "${settingName}" holds no secret`);
	}
	return known;
}
