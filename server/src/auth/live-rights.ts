import type {Action, ImageName, Principal, Rights} from '@stowage/core';
import type {AccessWatch} from './access-watch.ts';

interface Compiled {
	readonly rules: AccessWatch['rules'];
	readonly principal: Principal;
	readonly rights: Rights;
}

/** What somebody may do now: follows changes of his groups and of permission targets while credentials are remembered. */
export class LiveRights implements Rights {
	readonly may: Rights['may'];
	readonly #access: Pick<AccessWatch, 'rules'>;
	readonly #principal: () => Principal;
	#compiled: Compiled | undefined;

	/** `principal` gives the same object as long as nothing of it has changed. */
	constructor(access: Pick<AccessWatch, 'rules'>, principal: () => Principal) {
		this.#access = access;
		this.#principal = principal;
		this.may = (action: Action, repository: string, image?: ImageName) =>
			this.#current().may(action, repository, image);
	}

	get admin(): boolean {
		return this.#current().admin;
	}

	#current(): Rights {
		const {rules} = this.#access;
		const principal = this.#principal();
		if (this.#compiled?.rules !== rules || this.#compiled.principal !== principal) {
			this.#compiled = {rules, principal, rights: rules.rightsOf(principal)};
		}
		return this.#compiled.rights;
	}
}
