import type {AccessTokenRecords} from '@stowage/core';
import type {AccessTokenOwners} from './access-token-owners.ts';
import type {RememberedCredentials} from './credential-memory.ts';
import {looksLikeSecret, looksLikeToken, secretHashOf} from './secret.ts';
import type {Tokens} from './tokens.ts';

export interface ShownTokensParts {
	readonly tokens: Tokens;
	readonly owners: AccessTokenOwners;
	readonly records: Pick<AccessTokenRecords, 'findBySecret'>;
}

/** Says whom a token of any kind stands for. */
export class ShownTokens {
	readonly #parts: ShownTokensParts;

	constructor(parts: ShownTokensParts) {
		this.#parts = parts;
	}

	/** By its form: a token of the token end-point, one with a row, or what stands for such a one. Undefined when it is none, or not good. */
	async find(text: string): Promise<RememberedCredentials | undefined> {
		const {tokens, records} = this.#parts;
		if (looksLikeToken(text)) {
			const found = await tokens.findCaller(text);
			return found ? {...found, until: found.caller.expiresAt} : this.#findGranted(text);
		}
		const record = looksLikeSecret(text) ? await records.findBySecret(secretHashOf(text)) : undefined;
		return record && this.#findOwner(record.id);
	}

	async #findGranted(text: string): Promise<RememberedCredentials | undefined> {
		const content = await this.#parts.tokens.verifyGranted(text);
		return content?.id === undefined ? undefined : this.#findOwner(content.id);
	}

	async #findOwner(id: string): Promise<RememberedCredentials | undefined> {
		const found = await this.#parts.owners.find(id);
		return found && {...found, until: found.caller.expiresAt ?? Infinity};
	}
}
