import type {AuditLog, ExternalAuthenticator, Logger, PluginSet} from '@stowage/core';
import {type ExternalChange, ExternalRealm} from '../auth/external/external-realm.ts';
import type {AuthenticatorConfiguration, Configuration} from '../config/configuration.ts';

interface OpenRealmsParts {
	readonly configuration: Pick<Configuration, 'authenticators'>;
	readonly plugins: Pick<PluginSet, 'authenticators'>;
	readonly logger: Logger;
	/** Where it stands what became of users because of what authenticators say. */
	readonly audit: Pick<AuditLog, 'add'>;
}

/** An authenticator could not be opened. The message names it and says why. */
class OpenAuthenticatorError extends Error {
	readonly code = 'AUTHENTICATOR_NOT_OPENED';

	constructor(name: string, cause: unknown) {
		super(`authenticator "${name}" cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, {
			cause,
		});
		this.name = 'OpenAuthenticatorError';
	}
}

/** Opens configured authenticators, in their order, and has `opened` close them. Rejects with the first failure. */
export async function openRealms(
	{configuration, plugins, logger, audit}: OpenRealmsParts,
	opened: AsyncDisposableStack,
): Promise<readonly ExternalRealm[]> {
	const realms: ExternalRealm[] = [];
	for (const rules of configuration.authenticators) {
		const own = logger.child({authenticator: rules.name});
		const authenticator = await openAuthenticator(rules, plugins, own);
		opened.defer(() => authenticator.close());
		const tell = async ({user: target, added, groups}: ExternalChange) =>
			audit.add({...audited(rules.name, added), target, details: {groups: [...groups]}}, 200);
		realms.push(new ExternalRealm({rules, authenticator, logger: own, tell}));
	}
	return realms;
}

/** Who and what, in the words of the audit log. */
function audited(name: string, added: boolean) {
	return {user: name, action: added ? 'user.add' : 'user.change', address: 'authenticator'};
}

/** Rejects with `OpenAuthenticatorError`. */
export async function openAuthenticator(
	{name, type: word, options}: AuthenticatorConfiguration,
	plugins: OpenRealmsParts['plugins'],
	logger: Logger,
): Promise<ExternalAuthenticator> {
	const type = plugins.authenticators.get(word);
	if (type === undefined) {
		throw new OpenAuthenticatorError(name, `no plugin offers an authenticator "${word}"`);
	}
	try {
		return await type.create(options, {name, logger});
	} catch (error) {
		throw new OpenAuthenticatorError(name, error);
	}
}
