import type {AuthenticatorType} from '@stowage/core';
import type {ConfigurationDraft} from './configuration-draft.ts';
import {toSteps} from './json-pointer.ts';

/** Asks the types of authenticators what no schema says of their options, once all of them fit. */
export function checkAuthenticatorOptions(
	draft: ConfigurationDraft,
	types: ReadonlyMap<string, AuthenticatorType>,
): void {
	if (draft.problems.length > 0) {
		return;
	}
	for (const index of draft.keys(['authenticators'])) {
		const {type, options} = draft.mapping(['authenticators', index]) as {type: string; options: object};
		for (const {path, message} of types.get(type)?.check?.(options) ?? []) {
			draft.add(['authenticators', index, 'options', ...toSteps(path)], message);
		}
	}
}
