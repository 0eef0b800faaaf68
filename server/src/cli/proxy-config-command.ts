import {Argument, type Command, InvalidArgumentError} from 'commander';
import {type AddressingMethod, addressingMethods} from '../proxy-config/proxy-plan.ts';
import {type ProxyProgram, proxyPrograms} from '../proxy-config/proxy-program.ts';
import type {ProxyConfigOptions} from './proxy-config.ts';

/** Adds `stowage proxy-config` and gives it back for further options. */
export function proxyConfigCommand(program: Command): Command {
	return program
		.command('proxy-config')
		.description('print what a proxy in front of the registry needs to reach the repositories that exist')
		.addArgument(new Argument('<program>', 'which proxy').choices(proxyPrograms))
		.option('--host <name>', 'host name that clients use; that of the configuration unless told')
		.option('--methods <list>', 'how clients name repositories', toMethods, addressingMethods)
		.option(
			'--certificate <file>',
			'PEM file of the certificate, for the host and those below it',
			'/etc/ssl/stowage.crt',
		)
		.option('--key <file>', 'PEM file of its private key', '/etc/ssl/private/stowage.key')
		.option('--https-port <port>', 'port of the path and subdomain methods', toPort, 443)
		.option('--address <address>', 'address to listen on; all of them unless told')
		.option('--first-port <port>', 'port of the first repository by the port method; the others follow', toPort, 5001)
		.option('--port <key=port>', 'port of this repository; may be repeated', addPort, {})
		.action(async (name: ProxyProgram, options: ProxyConfigOptions) => {
			const {printProxyConfig} = await import('./proxy-config.ts');
			await printProxyConfig(name, options);
		});
}

function toMethods(text: string): readonly AddressingMethod[] {
	const words = text.split(',').map(word => word.trim());
	const wrong = words.find(word => !addressingMethods.some(method => method === word));
	if (wrong !== undefined) {
		throw new InvalidArgumentError(`"${wrong}" is none of ${addressingMethods.join(', ')}.`);
	}
	return addressingMethods.filter(method => words.includes(method));
}

function toPort(text: string): number {
	const port = Number(text);
	if (!Number.isInteger(port) || port < 1 || port > 65_535) {
		throw new InvalidArgumentError('It must be a port from 1 to 65535.');
	}
	return port;
}

function addPort(text: string, ports: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
	const [key = '', port = '', ...rest] = text.split('=');
	if (key === '' || rest.length > 0) {
		throw new InvalidArgumentError('It must be a repository key and a port, such as docker=5001.');
	}
	return {...ports, [key]: toPort(port)};
}
