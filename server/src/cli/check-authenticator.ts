import type {ExternalAuthenticator} from '@stowage/core';
import {ConfigError} from '../config/config-error.ts';
import {didYouMean} from '../config/nearest-word.ts';
import {createLog} from '../process/log.ts';
import {openAuthenticator} from '../process/open-realms.ts';
import {printJson, readPassword} from './access.ts';
import type {ConfigurationOptions} from './program.ts';
import {readCliConfiguration} from './read-cli-configuration.ts';

export interface CheckAuthenticatorOptions extends ConfigurationOptions {
	readonly passwordStdin?: boolean;
	readonly tokenStdin?: boolean;
}

/** The authenticator knows nobody of that name and password, or refuses the token. */
class NotFoundError extends Error {
	override readonly name = 'NotFoundError';
	readonly code = 'NOT_FOUND';
}

/** Prints what a configured authenticator says of somebody, or of a token; makes nobody a user. Rejects when it knows nothing, or cannot be asked. */
export async function checkAuthenticator(
	name: string,
	user: string | undefined,
	options: CheckAuthenticatorOptions,
): Promise<void> {
	const {configuration, plugins} = await readCliConfiguration(options);
	const chosen = configuration.authenticators.find(one => one.name === name);
	if (chosen === undefined) {
		const names = configuration.authenticators.map(one => one.name);
		const hint = didYouMean(name, names) || `; there are ${names.join(', ') || 'none'}`;
		throw new ConfigError([{source: 'authenticators', message: `there is no authenticator "${name}"${hint}`}]);
	}
	const logger = createLog({level: configuration.log.level, destination: process.stderr});
	const authenticator = await openAuthenticator(chosen, plugins, logger);
	try {
		const found = await ask(authenticator, user, options);
		if (found === undefined) {
			throw new NotFoundError(`the authenticator "${name}" refuses this, or knows nobody of that name`);
		}
		printJson(found);
	} finally {
		await authenticator.close();
	}
}

async function ask(
	authenticator: ExternalAuthenticator,
	user: string | undefined,
	{passwordStdin, tokenStdin = false}: CheckAuthenticatorOptions,
): Promise<object | undefined> {
	const secret = await readPassword({passwordStdin: passwordStdin === true || tokenStdin});
	if (tokenStdin) {
		return demand(authenticator.verifyToken?.(secret ?? ''), 'verifyToken' in authenticator, 'tokens');
	}
	if (user === undefined) {
		throw new NotFoundError('name somebody, or give --token-stdin');
	}
	return secret === undefined
		? demand(authenticator.findUser?.({name: user, externalId: ''}), 'findUser' in authenticator, 'names alone')
		: demand(authenticator.verifyPassword?.(user, secret), 'verifyPassword' in authenticator, 'passwords');
}

async function demand<Answer>(answer: Promise<Answer> | undefined, able: boolean, what: string) {
	if (!able) {
		throw new NotFoundError(`this authenticator does not check ${what}`);
	}
	return answer;
}
