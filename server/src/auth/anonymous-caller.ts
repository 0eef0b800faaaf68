import type {Rights} from '@stowage/core';
import type {Authenticated} from './authenticated.ts';

/** Somebody who did not sign in. */
export class AnonymousCaller implements Authenticated {
	readonly name = 'anonymous';
	readonly catalog = true;
	readonly anonymous = true;
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
