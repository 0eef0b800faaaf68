import {randomBytes} from 'node:crypto';
import {mkdir, open, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {ConflictError, type MetadataStore} from '@stowage/core';
import {checkNewPassword} from './change-password.ts';
import {
	hadInitialPassword,
	initialAdminName,
	initialPasswordFile,
	isInitialPassword,
	rememberInitialPassword,
} from './initial-password.ts';
import {hashPassword, verifyPassword} from './password-hash.ts';

const passwordLength = 26;
/** How long another process may take to write the file that it made. */
const mostWaits = 40;
const waitMs = 25;

export interface InitialAdminOptions {
	readonly metadata: MetadataStore;
	/** Absolute path of the folder where the password is kept until it is changed; made when it is not there. */
	readonly data: string;
	/** `STOWAGE_ADMIN_PASSWORD`: counts at the first start only, and is never written to disk. */
	readonly password?: string;
}

/** What to tell who starts the server. */
export interface InitialAdmin {
	readonly name: string;
	/** Only at the start that made it: to be printed once, and never logged. */
	readonly password?: string;
	/** The file that holds the password, as long as it is not changed. */
	readonly file?: string;
}

/**
 * Makes the administrator at the first start of all nodes, never again, and clears away the file with his password when
 * it was changed elsewhere meanwhile. However many nodes start at once, one password holds. Throws `PasswordRefusedError`.
 */
export async function prepareInitialAdmin({metadata, data, password}: InitialAdminOptions): Promise<InitialAdmin> {
	const file = initialPasswordFile(data);
	if (!(await hadInitialPassword(metadata))) {
		await mkdir(data, {recursive: true, mode: 0o700});
		if (password !== undefined && password !== '') {
			checkNewPassword(password);
			await insertAdmin(metadata, password);
		} else {
			const made = await keepPassword(file, makePassword());
			if (await insertAdmin(metadata, made)) {
				return {name: initialAdminName, password: made, file};
			}
		}
	}
	if (await holdsAdminPassword(metadata, file)) {
		return {name: initialAdminName, file};
	}
	await rm(file, {force: true});
	return {name: initialAdminName};
}

/** Whether this call made the administrator. */
async function insertAdmin(metadata: MetadataStore, password: string): Promise<boolean> {
	const passwordHash = await hashPassword(password);
	try {
		await metadata.transaction(async store => {
			await store.users.insert({name: initialAdminName, admin: true, disabled: false, passwordHash});
			await rememberInitialPassword(store, passwordHash);
		});
		return true;
	} catch (error) {
		if (error instanceof ConflictError) {
			return false;
		}
		throw error;
	}
}

/**
 * Writes the password before the administrator is made with it, so that a crash in between locks nobody out. A file that
 * is already there, of such a crash or of another process that starts now, wins: resolves to what it holds.
 */
async function keepPassword(file: string, password: string): Promise<string> {
	for (let waits = 0; ; waits++) {
		if (await writeNew(file, `${password}\n`)) {
			return password;
		}
		const kept = await readPassword(file);
		if (kept?.length === passwordLength) {
			return kept;
		}
		if (waits === mostWaits) {
			// Whoever began to write it has died.
			await rm(file, {force: true});
		}
		await setTimeout(waitMs);
	}
}

/** False when the file is already there. */
async function writeNew(file: string, text: string): Promise<boolean> {
	try {
		await writeFile(file, text, {flag: 'wx', mode: 0o600, flush: true});
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
			return false;
		}
		throw error;
	}
	await using folder = await open(path.dirname(file));
	await folder.sync();
	return true;
}

/** False as well for a password that is another node's, and for one that was changed. */
async function holdsAdminPassword(metadata: MetadataStore, file: string): Promise<boolean> {
	const password = await readPassword(file);
	if (password === undefined || !(await isInitialPassword(metadata))) {
		return false;
	}
	const hash = (await metadata.users.find(initialAdminName))?.passwordHash;
	return hash !== undefined && verifyPassword(password, hash);
}

async function readPassword(file: string): Promise<string | undefined> {
	try {
		return (await readFile(file, 'utf8')).trim();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}
		throw error;
	}
}

/** 130 bits, in characters that are hard to mistake for one another (Crockford's base 32). */
function makePassword(): string {
	const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
	return Array.from(randomBytes(passwordLength), byte => alphabet[byte % alphabet.length]).join('');
}
