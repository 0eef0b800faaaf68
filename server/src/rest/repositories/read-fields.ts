import {
	type Json,
	type JsonSchema,
	type NewRepositoryDefinition,
	type RepositoryDefinition,
	type RepositoryType,
	maskedSecret,
} from '@stowage/core';
import {didYouMean} from '../../config/nearest-word.ts';
import {restError} from '../rest-error.ts';
import {optionDefaults} from './field-defaults.ts';
import {ownFields, repositoryFields, secretFields} from './repository-fields.ts';

type Fields = Readonly<Record<string, Json>>;
type Change = Omit<NewRepositoryDefinition, 'key'>;

const rclasses: ReadonlySet<string> = new Set(['local', 'remote', 'virtual', 'federated']);

/** The definition that the fields of a request to make a repository mean. Throws 400 with the name of what is wrong. */
export function readNewRepository(
	key: string,
	fields: Fields,
	{repositoryTypes, storages}: ReadParts,
): NewRepositoryDefinition {
	checkKey(key, fields);
	const {rclass} = fields;
	if (typeof rclass !== 'string') {
		throw restError(400, 'field "rclass": is missing');
	}
	const type = findType(rclass, repositoryTypes);
	const storage = storages.has('default') ? 'default' : ([...storages.keys()][0] ?? 'default');
	const options = knownDefaults(type);
	const empty = {type: rclass, storage, description: '', options, attributes: {}};
	return {key, ...apply(empty, fields, type)};
}

/** The definition after a change of these fields; the others stay. Throws 400 with the name of what is wrong. */
export function changeRepository(
	current: RepositoryDefinition,
	fields: Fields,
	{repositoryTypes}: Pick<ReadParts, 'repositoryTypes'>,
): Change {
	checkKey(current.key, fields);
	const {rclass} = fields;
	if (typeof rclass === 'string' && rclass !== current.type) {
		throw restError(400, `field "rclass": "${current.key}" is ${current.type} and stays so`);
	}
	const type = findType(current.type, repositoryTypes);
	const members = fields['repositories'] ?? current.options['repositories'];
	const isMember = (value: Json) => Array.isArray(members) && members.includes(value);
	const unset = Object.entries(fields).filter(([, value]) => isNonExistent(value) && !isMember(value));
	return apply(current, {...fields, ...Object.fromEntries(unset.map(([name]) => [name, null]))}, type);
}

/** What Terraform's provider sends in place of the key of a repository or a proxy that is no longer set. */
function isNonExistent(value: Json): boolean {
	return typeof value === 'string' && /^non-existant-value-\d+$/.test(value);
}

export interface ReadParts {
	readonly repositoryTypes: ReadonlyMap<string, RepositoryType>;
	readonly storages: ReadonlyMap<string, unknown>;
}

function checkKey(key: string, fields: Fields): void {
	if (typeof fields['key'] === 'string' && fields['key'] !== key) {
		throw restError(400, `field "key": is not the "${key}" of the path`);
	}
}

function findType(rclass: string, types: ReadonlyMap<string, RepositoryType>): RepositoryType {
	const type = types.get(rclass);
	if (type === undefined) {
		const reason = rclasses.has(rclass) ? 'no plugin of this server offers' : 'there is no';
		throw restError(400, `field "rclass": ${reason} "${rclass}"; there are ${[...types.keys()].join(', ')}`);
	}
	return type;
}

function apply(current: Change, fields: Fields, type: RepositoryType): Change {
	if (type.cached === true && fields['storeArtifactsLocally'] === false) {
		throw restError(400, 'field "storeArtifactsLocally": must be true: what is fetched is stored');
	}
	const known = (type.options['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
	const options: Record<string, Json> = {...current.options};
	const attributes: Record<string, Json> = {...current.attributes};
	for (const [name, value] of Object.entries(fields)) {
		if (ownFields.has(name)) {
			continue;
		}
		const place = Object.hasOwn(known, name) ? options : attributes;
		checkName(name, known);
		if (place === attributes && secretFields.has(name)) {
			continue;
		}
		if (value === null || (value === '' && meansNothing(known[name]))) {
			unset(place, name, place === options ? knownDefaults(type)[name] : undefined);
		} else if (!(value === maskedSecret && known[name]?.['writeOnly'] === true)) {
			place[name] = value;
		}
	}
	return {
		type: current.type,
		storage: textOf(fields['storage']) || current.storage,
		description: textOf(fields['description']) ?? current.description,
		options,
		attributes,
	};
}

/** Those of its class that the type knows. */
function knownDefaults({type, options}: RepositoryType): Fields {
	const known = options['properties'] ?? {};
	return Object.fromEntries(Object.entries(optionDefaults(type)).filter(([name]) => Object.hasOwn(known, name)));
}

function unset(place: Record<string, Json>, name: string, standard: Json | undefined): void {
	if (standard === undefined) {
		delete place[name];
	} else {
		place[name] = standard;
	}
}

/** Artifactory and its clients write a text that is not set as an empty one. */
function meansNothing(schema: JsonSchema | undefined): boolean {
	return typeof schema?.['minLength'] === 'number' && schema['minLength'] > 0;
}

function textOf(value: Json | undefined): string | undefined {
	return typeof value === 'string' ? value : undefined;
}

/** A word that is nearly one of those that mean something was most likely meant to be it; any other is some client's own. */
function checkName(name: string, known: Fields | object): void {
	const words = [...Object.keys(repositoryFields), ...Object.keys(known)];
	if (words.includes(name)) {
		return;
	}
	const hint = didYouMean(name, words);
	if (hint !== '' || !/^[A-Za-z][\w.-]{0,127}$/.test(name)) {
		throw restError(400, `field "${name.slice(0, 128)}": there is no such field${hint}`);
	}
}
