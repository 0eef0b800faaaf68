import {type Command, Option} from 'commander';
import type {LoginOptions} from './login.ts';

/** `stowage login <registry>`: needs no configuration, since it talks to a registry like any client. */
export function defineLoginCommand(program: Command): void {
	program
		.command('login')
		.description('sign in to a registry with an OpenID provider, and print a token or hand it to another program')
		.argument('<registry>', 'host and port, as images are named; or a URL')
		.requiredOption('--provider <name>', 'how the registry calls the provider')
		.option('--issuer <url>', 'address of the provider, to sign in there')
		.option('--client-id <id>', 'what the provider knows this command by')
		.option('--scope <scopes>', 'what to ask the provider for', 'openid profile email')
		.option('--id-token-stdin', 'read a token of the provider from standard input instead of signing in there')
		.addOption(
			new Option('--with <program>', 'let this program sign in with the token').choices([
				'docker',
				'podman',
				'skopeo',
				'buildah',
			]),
		)
		.action(async (registry: string, options: LoginOptions) => {
			const {login} = await import('./login.ts');
			await login(registry, options);
		});
}
