import {argon2Sync, randomBytes} from 'node:crypto';
import type {MetadataStore} from '@stowage/core';
import {openMetadata} from '@stowage/core/metadata';
import {basicAuthorization} from './basic-authorization.ts';
import type {RegistryClient} from './registry-client.ts';
import type {RunningRegistry} from './start-registry.ts';

/** Somebody who can sign in to a running registry. */
export interface AddedUser {
	readonly name: string;
	/** Signs in as this user with every request. */
	readonly client: RegistryClient;
	/** As another node would: by changing the row. */
	disable(): Promise<void>;
}

/** Adds a user without any rights, as another node would: by a row. */
export async function addUser(registry: RunningRegistry): Promise<AddedUser> {
	const name = `user-${randomBytes(4).toString('hex')}`;
	const password = randomBytes(12).toString('hex');
	await change(registry, async ({users}) => {
		await users.insert({name, admin: false, disabled: false, passwordHash: hash(password)});
	});
	return {
		name,
		client: registry.client.as({authorization: basicAuthorization(name, password)}),
		disable: () =>
			change(registry, async ({users}) => {
				const user = await users.find(name);
				if (user === undefined) {
					throw new Error(`there is no user ${name}`);
				}
				await users.update({...user, disabled: true});
			}),
	};
}

async function change(registry: RunningRegistry, work: (metadata: MetadataStore) => Promise<void>): Promise<void> {
	const metadata = await openMetadata(registry.database);
	try {
		await work(metadata);
	} finally {
		await metadata.close();
	}
}

/** argon2id in PHC string form, at a cost that suits tests. */
function hash(password: string): string {
	const nonce = randomBytes(16);
	const cost = {memory: 1024, passes: 1, parallelism: 1};
	const tag = argon2Sync('argon2id', {...cost, message: Buffer.from(password), nonce, tagLength: 32});
	return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

function unpadded(bytes: Buffer): string {
	return bytes.toString('base64').replaceAll('=', '');
}
