import {createHmac, hash, randomBytes} from 'node:crypto';

/** What an API key of Artifactory begins with: clients tell it from a password by that, and by its length of 73 at least. */
const apiKeyPrefix = 'AKCp8';
const apiKeyLength = 73;
const referencePrefix = 'stwref_';
const refreshPrefix = 'stwrfr_';

/** Stands for an access token and is much shorter. 256 bits. */
export function makeReferenceToken(): string {
	return referencePrefix + randomBytes(32).toString('hex');
}

/** 256 bits. */
export function makeRefreshToken(): string {
	return refreshPrefix + randomBytes(32).toString('hex');
}

/** Always the same for the same row, so that its owner can be shown it again without its being stored. */
export function apiKeyOf(id: string, secret: string): string {
	const digits = createHmac('sha512', secret).update(id).digest('base64').replace(/[+/=]/g, '0');
	return (apiKeyPrefix + digits).slice(0, apiKeyLength);
}

/** Whether it has the form of an API key or a reference token. */
export function looksLikeSecret(text: string): boolean {
	return text.length >= apiKeyLength - 2 && (text.startsWith(apiKeyPrefix) || text.startsWith(referencePrefix));
}

/** Three parts of base64url, the first of which begins with `{"`. */
export function looksLikeToken(text: string): boolean {
	return /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(text);
}

/** Whether it has the form of a token or a key, good or not: nothing that a directory is to be shown as a password. */
export function looksIssued(text: string): boolean {
	return looksLikeToken(text) || looksLikeSecret(text) || text.startsWith(refreshPrefix);
}

/** What is stored of a secret. Made of more than 200 random bits, it cannot be found by trying. */
export function secretHashOf(secret: string): string {
	return hash('sha256', secret, 'hex');
}
