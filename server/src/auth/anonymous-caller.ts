import type {Rights} from '@stowage/core';
import type {Authenticated} from './authenticated.ts';

/** Name of the user whose rights are those of who does not sign in, as long as he is there and not disabled. */
export const anonymousName = 'anonymous';

/** Somebody who did not sign in. */
export class AnonymousCaller implements Authenticated {
	readonly name = anonymousName;
	readonly catalog = true;
	readonly anonymous = true;
	readonly whole = false;
	readonly admin = false;
	readonly may: Rights['may'];

	constructor(rights: Rights) {
		this.may = rights.may;
	}

	get listing(): Authenticated {
		return this;
	}

	lacksScope(): boolean {
		return false;
	}
}
