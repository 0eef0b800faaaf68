import type {Command} from 'commander';
import type {CheckAuthenticatorOptions} from './check-authenticator.ts';

/** `stowage authenticator`. `configured` adds the options that name the configuration. */
export function defineAuthenticatorCommands(program: Command, configured: (command: Command) => Command): void {
	const authenticator = program.command('authenticator').description('look after authenticators');
	configured(authenticator.command('check <name> [user]'))
		.description('print what an authenticator says of a user or a token; nothing is changed')
		.option('--password-stdin', 'check the password, which is read from standard input')
		.option('--token-stdin', 'check a token, which is read from standard input')
		.action(async (name: string, user: string | undefined, options: CheckAuthenticatorOptions) => {
			const {checkAuthenticator} = await import('./check-authenticator.ts');
			await checkAuthenticator(name, user, options);
		});
}
