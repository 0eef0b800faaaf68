import type {AccessTokenRecord} from '@stowage/core';
import type {Command} from 'commander';
import {accountError} from '../auth/accounts/account-error.ts';
import {printJson, withMetadata} from './access.ts';
import type {ConfigurationOptions} from './program.ts';

interface TokenOptions extends ConfigurationOptions {
	readonly scope?: string;
	readonly expiresIn?: number;
	readonly refreshable?: boolean;
	readonly reference?: boolean;
	readonly description?: string;
	readonly dropOld?: boolean;
}

/** `stowage token`. `configured` adds the options that name the configuration. */
export function defineTokenCommands(program: Command, configured: (command: Command) => Command): void {
	const token = program.command('token').description('look after access tokens');
	configured(token.command('add <user>'))
		.description('make an access token, and print it once')
		.option('--scope <scope>', 'what it is good for', 'applied-permissions/user')
		.option('--expires-in <seconds>', 'how long it is good; 0 for until it is revoked', toSeconds)
		.option('--refreshable', 'print a refresh token with it')
		.option('--reference', 'print a short token with it, that stands for it')
		.option('--description <text>', 'what it is for')
		.action(addToken);
	configured(token.command('list [user]'))
		.description('list access tokens, of all or of one user')
		.action(async (user: string | undefined, options: TokenOptions) =>
			withMetadata(options, async metadata => {
				const {toTable} = await import('./to-table.ts');
				const rows = (await metadata.accessTokens.list(user)).map(record => [
					record.id,
					record.subject,
					record.scope,
					record.expiresAt?.toISOString() ?? 'never',
				]);
				process.stdout.write(toTable([['id', 'user', 'scope', 'expires'], ...rows]));
			}),
		);
	configured(token.command('show <id>'))
		.description('describe an access token; the token itself is not kept')
		.action(async (id: string, options: TokenOptions) =>
			withMetadata(options, async metadata => {
				const record = await metadata.accessTokens.find(id);
				if (record === undefined) {
					throw accountError(`there is no token "${id}"`, 404);
				}
				printJson(describe(record));
			}),
		);
	configured(token.command('delete <id>'))
		.description('revoke an access token: all servers refuse it within five seconds')
		.action(async (id: string, options: TokenOptions) =>
			withMetadata(options, async metadata => {
				if (!(await metadata.accessTokens.delete(id))) {
					throw accountError(`there is no token "${id}"`, 404);
				}
			}),
		);
	configured(token.command('rotate-key'))
		.description('sign tokens with another key from now on; those signed before stay good')
		.option('--drop-old', 'all tokens that were signed before end')
		.action(async (options: TokenOptions) =>
			withMetadata(options, async metadata => {
				const {rotateSigningKeys} = await import('../auth/signing-keys.ts');
				await rotateSigningKeys(metadata, {dropOld: options.dropOld});
			}),
		);
}

async function addToken(subject: string, options: TokenOptions): Promise<void> {
	const [{AccessTokens}, {TokenSigner}, {issuedToken}] = await Promise.all([
		import('../auth/access-tokens.ts'),
		import('../auth/token-signer.ts'),
		import('../rest/security/token-answers.ts'),
	]);
	const {scope, expiresIn, refreshable, reference, description} = options;
	await withMetadata(options, async metadata => {
		const now = Date.now;
		const tokens = new AccessTokens({metadata, signer: await TokenSigner.open(metadata.settings, now), now});
		const issuer = {name: 'operator', admin: true, whole: true};
		const wanted = {issuer, subject, scope, refreshable, reference, description, expiresInSeconds: expiresIn};
		printJson(issuedToken(await tokens.issue(wanted)));
	});
}

function describe({secretHash, refreshHash, ...record}: AccessTokenRecord): object {
	return {...record, reference: secretHash !== undefined, refreshable: refreshHash !== undefined};
}

function toSeconds(text: string): number {
	return /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
}
