import {randomBytes} from 'node:crypto';
import type {Json, MetadataStore, SettingRecords} from '@stowage/core';

const settingName = 'token-signing-keys';
/** Older ones than these are let go when another is made. */
const mostKeys = 8;

type SigningKey = {readonly kid: string; readonly secret: string};

interface SigningKeys {
	readonly issuer: string;
	/** The first one signs. */
	readonly keys: readonly SigningKey[];
}

/** Makes the first key if there is none. */
export async function readSigningKeys(settings: SettingRecords): Promise<SigningKeys> {
	const first = {issuer: `stowage@${randomBytes(8).toString('hex')}`, keys: [makeKey()]};
	return checkKeys((await settings.find(settingName)) ?? (await settings.insertOnce(settingName, first)));
}

/**
 * Gives tokens another key from now on; all nodes take it up within five seconds. Tokens that were signed before stay
 * good, unless `dropOld`: then all of them end.
 */
export async function rotateSigningKeys(metadata: MetadataStore, {dropOld = false} = {}): Promise<void> {
	await readSigningKeys(metadata.settings);
	await metadata.transaction(async store => {
		// First, so that of several who do this at once each sees what the one before has stored.
		await store.accessRevision.advance();
		const {issuer, keys} = await readSigningKeys(store.settings);
		const kept = dropOld ? [] : keys.slice(0, mostKeys - 1);
		await store.settings.set(settingName, {issuer, keys: [makeKey(), ...kept]});
	});
}

function makeKey(): SigningKey {
	return {kid: randomBytes(8).toString('hex'), secret: randomBytes(32).toString('base64')};
}

function checkKeys(stored: Json): SigningKeys {
	const {issuer, keys} = (stored ?? {}) as Partial<SigningKeys>;
	if (typeof issuer !== 'string' || !Array.isArray(keys) || keys.length === 0) {
		throw new Error(`the setting "${settingName}" holds no keys`);
	}
	return {issuer, keys};
}
