import type {AuthenticatorType} from '@stowage/core';
import type {ConfigurationDraft} from './configuration-draft.ts';
import {toSteps} from './json-pointer.ts';

/** Asks the types of authenticators what no schema says of their options, where those fit. */
export function checkAuthenticatorOptions(
	draft: ConfigurationDraft,
	types: ReadonlyMap<string, AuthenticatorType>,
): void {
	for (const index of draft.keys(['authenticators'])) {
		const {type = '', options = {}} = (draft.fitting(['authenticators', index]) ?? {}) as {
			type?: string;
			options?: object;
		};
		for (const {path, message} of types.get(type)?.check?.(options) ?? []) {
			draft.add(['authenticators', index, 'options', ...toSteps(path)], message);
		}
	}
}
