import {readFile} from 'node:fs/promises';
import {createSecureContext} from 'node:tls';
import type {ConfigurationDraft} from './configuration-draft.ts';

/** Tells of the files below `tls` that cannot be read, or do not belong together. */
export async function checkTlsFiles(draft: ConfigurationDraft): Promise<void> {
	const cert = await readText(draft, 'certificate');
	const key = await readText(draft, 'key');
	if (cert === undefined || key === undefined) {
		return;
	}
	try {
		createSecureContext({cert, key});
	} catch (error) {
		draft.add(['tls'], `the certificate and the key cannot be used together: ${(error as Error).message}`);
	}
}

async function readText(draft: ConfigurationDraft, name: 'certificate' | 'key'): Promise<Buffer | undefined> {
	const path = draft.fitting(['tls', name]);
	if (typeof path !== 'string') {
		return undefined;
	}
	try {
		return await readFile(path);
	} catch (error) {
		draft.add(['tls', name], `cannot be read: ${(error as Error).message}`);
		return undefined;
	}
}
