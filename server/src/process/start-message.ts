import type {InitialAdmin} from '../auth/initial-admin.ts';
import type {Configuration} from '../config/configuration.ts';
import {type ListenAddress, toHostAndPort} from '../config/listen-address.ts';

interface StartFacts {
	readonly configuration: Configuration;
	readonly version: string;
	readonly address: ListenAddress;
	/** Key of a repository that can be pushed to. */
	readonly repository?: string;
	readonly admin: InitialAdmin;
}

/** Five lines for the person who started the server: where it is and what to type next. */
export function startMessage({configuration, version, address, repository, admin}: StartFacts): string {
	const scheme = configuration.tls === undefined ? 'http' : 'https';
	const registry = configuration.baseUrl === undefined ? clientAddress(address) : new URL(configuration.baseUrl).host;
	const image = `${registry}/${repository ?? '<repository>'}/hello-world`;
	return [
		`Stowage ${version} listens on ${scheme}://${toHostAndPort(address)} and keeps its data in ${configuration.data}`,
		`  sign in   docker login -u ${admin.name} ${registry}`,
		`  password  ${passwordOf(admin)}`,
		`  push      docker tag hello-world ${image} && docker push ${image}`,
		`  stop      Ctrl-C, or kill ${process.pid}`,
		'',
	].join('\n');
}

/** What a client on this machine can type: nobody connects to "all addresses". */
function clientAddress({host, port}: ListenAddress): string {
	return toHostAndPort({host: host === '0.0.0.0' || host === '::' ? 'localhost' : host, port});
}

function passwordOf({password, file}: InitialAdmin): string {
	if (file === undefined) {
		return 'as you set it';
	}
	return password === undefined ? `in ${file}` : `${password} (also in ${file} until it is changed)`;
}
