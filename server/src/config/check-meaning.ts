import {type RetentionRule, checkRetention} from '@stowage/core';
import ipaddr from 'ipaddr.js';
import {checkBindings} from './check-bindings.ts';
import {checkHost} from './check-host.ts';
import type {ConfigurationDraft} from './configuration-draft.ts';
import {toSteps} from './json-pointer.ts';
import {parseListenAddress} from './listen-address.ts';
import {didYouMean} from './nearest-word.ts';

/**
 * What no schema says: whether texts can be read and parts fit together. Asked of each part that has satisfied the schema,
 * whatever is wrong with others.
 */
export function checkMeaning(draft: ConfigurationDraft): void {
	const listen = draft.fitting(['listen']);
	const address = typeof listen === 'string' ? parseListenAddress(listen) : undefined;
	if (listen !== undefined && address === undefined) {
		draft.add(['listen'], 'must be host:port, such as 127.0.0.1:5000 or [::1]:5000');
	}
	checkProxies(draft);
	checkBindings(draft, address?.port);
	for (const index of draft.keys(['subdomainsOf'])) {
		checkHost(draft, ['subdomainsOf', index]);
	}
	checkBootstrapStorages(draft);
	checkAuthenticators(draft);
	checkRules(draft);
}

function checkProxies(draft: ConfigurationDraft): void {
	const indexes = draft.keys(['trustedProxies']);
	for (const index of indexes) {
		const range = draft.fitting(['trustedProxies', index]);
		if (typeof range === 'string' && !isAddressRange(range)) {
			draft.add(['trustedProxies', index], 'must be an address or a range such as 10.0.0.0/8');
		}
	}
	const none = draft.fitting(['trustedProxies']) !== undefined && indexes.length === 0;
	if (none && draft.mapping(['accelRedirect']) !== undefined) {
		draft.add(['accelRedirect'], 'is for trusted proxies; name them in "trustedProxies"');
	}
}

function isAddressRange(text: string): boolean {
	return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

function checkBootstrapStorages(draft: ConfigurationDraft): void {
	if (draft.mapping(['storages']) === undefined) {
		return;
	}
	const names = draft.keys(['storages']).map(String);
	for (const key of draft.keys(['bootstrap', 'repositories'])) {
		const path = ['bootstrap', 'repositories', key, 'storage'];
		const storage = draft.fitting(path);
		if (typeof storage === 'string' && !names.includes(storage)) {
			draft.add(path, `there is no storage "${storage}"${didYouMean(storage, names)}`);
		}
	}
}

/** As Artifactory's clients call it. */
const ownRealms: ReadonlySet<string> = new Set(['internal', 'artifactory']);

function checkAuthenticators(draft: ConfigurationDraft): void {
	const seen = new Set<string>();
	for (const index of draft.keys(['authenticators'])) {
		const name = draft.fitting(['authenticators', index, 'name']);
		if (typeof name !== 'string') {
			continue;
		}
		if (seen.has(name)) {
			draft.add(['authenticators', index, 'name'], `there is an authenticator "${name}" already`);
		}
		if (ownRealms.has(name)) {
			draft.add(['authenticators', index, 'name'], 'is what users of the registry itself have as their realm');
		}
		seen.add(name);
	}
}

function checkRules(draft: ConfigurationDraft): void {
	for (const index of draft.keys(['retention', 'rules'])) {
		const path = ['retention', 'rules', index];
		const rule = draft.fitting(path);
		const problems = rule === undefined ? [] : checkRetention([rule as RetentionRule]);
		for (const problem of problems) {
			draft.add([...path, ...toSteps(problem.path).slice(1)], problem.message);
		}
	}
}
