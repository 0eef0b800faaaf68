import {checkRetention} from '@stowage/core';
import ipaddr from 'ipaddr.js';
import type {Configuration} from './configuration.ts';
import type {ConfigPath} from './configuration-document.ts';
import type {ConfigurationDraft} from './configuration-draft.ts';
import {parseListenAddress} from './listen-address.ts';
import {didYouMean} from './nearest-word.ts';

/** What no schema says: whether texts can be read and parts fit together. `draft` has satisfied the schema. */
export function checkMeaning(draft: ConfigurationDraft): void {
	const configuration = draft.value as unknown as Configuration;
	const listen = parseListenAddress(configuration.listen);
	if (listen === undefined) {
		draft.add(['listen'], 'must be host:port, such as 127.0.0.1:5000 or [::1]:5000');
	}
	for (const [index, range] of configuration.trustedProxies.entries()) {
		if (!isAddressRange(range)) {
			draft.add(['trustedProxies', index], 'must be an address or a range such as 10.0.0.0/8');
		}
	}
	if (configuration.accelRedirect !== undefined && configuration.trustedProxies.length === 0) {
		draft.add(['accelRedirect'], 'is for trusted proxies; name them in "trustedProxies"');
	}
	checkBindings(draft, configuration, listen?.port);
	checkHosts(
		draft,
		configuration.subdomainsOf.map((domain, index) => [domain, ['subdomainsOf', index]] as const),
	);
	checkBootstrap(draft, configuration);
	checkAuthenticators(draft, configuration);
	for (const {path, message} of checkRetention(configuration.retention.rules)) {
		const steps = path.split('/').slice(1);
		draft.add(['retention', 'rules', ...steps.map(step => (/^\d+$/.test(step) ? Number(step) : step))], message);
	}
}

function isAddressRange(text: string): boolean {
	return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

function checkBindings(draft: ConfigurationDraft, {bindings}: Configuration, listenPort: number | undefined): void {
	const seen = new Set<string | number>();
	for (const [index, {host, port}] of bindings.entries()) {
		const path: ConfigPath = ['bindings', index];
		if ((host === undefined) === (port === undefined)) {
			draft.add(path, 'must have either a host or a port');
		}
		if (port !== undefined && port === listenPort) {
			draft.add([...path, 'port'], 'is the port of "listen"; bind another one');
		}
		if (host !== undefined) {
			checkHosts(draft, [[host, [...path, 'host']]]);
		}
		const address = host?.toLowerCase() ?? port;
		if (address !== undefined && seen.has(address)) {
			draft.add(path, `${address} is bound already`);
		}
		if (address !== undefined) {
			seen.add(address);
		}
	}
}

function checkHosts(draft: ConfigurationDraft, hosts: readonly (readonly [string, ConfigPath])[]): void {
	for (const [host, path] of hosts) {
		const good =
			/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(host) || ipaddr.isValid(host);
		if (!good) {
			draft.add(path, 'must be a host name without scheme, port or path, such as docker.example');
		}
	}
}

function checkBootstrap(draft: ConfigurationDraft, {bootstrap, storages}: Configuration): void {
	const names = Object.keys(storages);
	for (const [key, {storage}] of Object.entries(bootstrap.repositories)) {
		if (names.includes(storage)) {
			continue;
		}
		const path = ['bootstrap', 'repositories', key, 'storage'];
		draft.add(path, `there is no storage "${storage}"${didYouMean(storage, names)}`);
	}
}

/** As Artifactory's clients call it. */
const ownRealms: ReadonlySet<string> = new Set(['internal', 'artifactory']);

function checkAuthenticators(draft: ConfigurationDraft, {authenticators}: Configuration): void {
	const names = authenticators.map(({name}) => name);
	for (const [index, name] of names.entries()) {
		if (names.indexOf(name) < index) {
			draft.add(['authenticators', index, 'name'], `there is an authenticator "${name}" already`);
		}
		if (ownRealms.has(name)) {
			draft.add(['authenticators', index, 'name'], 'is what users of the registry itself have as their realm');
		}
	}
}
