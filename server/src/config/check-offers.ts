import type {JsonSchema, Plugin} from '@stowage/core';
import type {ConfigPath} from './configuration-document.ts';
import type {ConfigurationDraft} from './configuration-draft.ts';
import {checkAuthenticatorOptions} from './check-authenticator-options.ts';
import {checkBootstrapDefinitions} from './check-bootstrap-definitions.ts';
import {checkStorageParts} from './check-storage-parts.ts';
import {databaseSchemas} from './configuration-schema.ts';
import {didYouMean} from './nearest-word.ts';

interface Offers {
	/** Under which key the word stands: `driver`, `type` or `client`. */
	readonly word: string;
	readonly schemas: ReadonlyMap<string, JsonSchema>;
	/** Whether a word that is not offered is a mistake, and not perhaps that of a plugin which could not be loaded. */
	readonly complete: boolean;
}

/**
 * Checks every `options:` against the schema of what it is for, and completes it with defaults. `plugins` are those of the
 * draft, in its order; undefined for one that could not be loaded.
 */
export function checkOffers(draft: ConfigurationDraft, plugins: readonly (Plugin | undefined)[]): void {
	const complete = plugins.every(plugin => plugin !== undefined);
	const client = draft.mapping(['database'])?.['client'];
	if (client === 'sqlite' || client === 'mysql') {
		draft.check(['database'], databaseSchemas[client]);
	}
	for (const [index, plugin] of plugins.entries()) {
		if (plugin !== undefined) {
			checkOptions(draft, ['plugins', index], plugin.options ?? noOptions);
		}
	}
	const drivers = plugins.flatMap(plugin => plugin?.storageDrivers ?? []);
	const types = plugins.flatMap(plugin => plugin?.repositoryTypes ?? []);
	checkWords(draft, ['storages'], {word: 'driver', schemas: schemasOf(drivers), complete});
	checkWords(draft, ['bootstrap', 'repositories'], {word: 'type', schemas: schemasOf(types), complete});
	checkStorageParts(draft, new Map(drivers.map(driver => [driver.type, driver])));
	const authenticators = plugins.flatMap(plugin => plugin?.authenticators ?? []);
	checkWords(draft, ['authenticators'], {word: 'type', schemas: schemasOf(authenticators), complete});
	checkAuthenticatorOptions(draft, new Map(authenticators.map(type => [type.type, type])));
	checkBootstrapDefinitions(draft, new Map(types.map(type => [type.type, type])));
	if (complete) {
		checkProtocols(draft, plugins);
	}
}

/** As long as no plugin may add protocols that it does not name beforehand. */
function checkProtocols(draft: ConfigurationDraft, plugins: readonly (Plugin | undefined)[]): void {
	if (plugins.some(plugin => plugin?.setup !== undefined && plugin.protocols === undefined)) {
		return;
	}
	const spoken = ['v2', ...plugins.flatMap(plugin => plugin?.protocols ?? [])];
	for (const index of draft.keys(['bindings'])) {
		const path = ['bindings', index, 'repositories'];
		for (const protocol of Object.keys(draft.mapping(path) ?? {})) {
			if (draft.fitting([...path, protocol]) !== undefined && !spoken.includes(protocol)) {
				draft.add([...path, protocol], `no plugin speaks this; spoken are ${spoken.join(', ')}`, 'key');
			}
		}
	}
}

const noOptions: JsonSchema = {type: 'object', additionalProperties: false};

function schemasOf(offers: readonly {readonly type: string; readonly options: JsonSchema}[]): Offers['schemas'] {
	return new Map(offers.map(({type, options}) => [type, options]));
}

function checkWords(draft: ConfigurationDraft, path: ConfigPath, {word, schemas, complete}: Offers): void {
	for (const name of draft.keys(path)) {
		const written = draft.mapping([...path, name])?.[word];
		if (typeof written !== 'string') {
			continue;
		}
		const schema = schemas.get(written);
		if (schema !== undefined) {
			checkOptions(draft, [...path, name], schema);
		} else if (complete) {
			draft.add([...path, name, word], `no plugin offers this${hint(written, [...schemas.keys()])}`);
		}
	}
}

function checkOptions(draft: ConfigurationDraft, path: ConfigPath, schema: JsonSchema): void {
	const holder = draft.mapping(path);
	if (holder === undefined) {
		return;
	}
	holder['options'] ??= {};
	if (draft.mapping([...path, 'options']) !== undefined) {
		draft.check([...path, 'options'], schema);
	}
}

function hint(written: string, words: readonly string[]): string {
	const meant = didYouMean(written, words);
	return meant === '' ? `; offered are ${words.join(', ') || 'none'}` : meant;
}
