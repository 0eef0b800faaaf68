import type {PermissionTargetRecord} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import type {PermissionAccounts} from '../../auth/accounts/permission-accounts.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {lenient, optional, told} from './lenient-fields.ts';
import {readGrants, toLetters} from './permission-words.ts';
import type {SecurityParts} from './security-parts.ts';

const tag = 'security';
const access = 'admin';
const params = Type.Object({name: Type.String({minLength: 1, maxLength: 255})});
const unknown = {404: {description: 'There is no such permission target.'}};
const grants = optional(Type.Record(Type.String(), Type.Array(Type.String())));

const targetSchema = lenient({
	name: optional(Type.String()),
	includesPattern: optional(Type.String({description: 'Patterns, separated by commas.'})),
	excludesPattern: optional(Type.String({description: 'Patterns, separated by commas.'})),
	repositories: optional(Type.Array(Type.String())),
	principals: optional(lenient({users: grants, groups: grants})),
});

/** Permission targets, as Artifactory's first API has them: rights in letters, patterns in one text. */
export function permissionV1Endpoints({permissions, expire}: SecurityParts): readonly Endpoint[] {
	return [
		listTargets('/api/security/permissions', permissions),
		defineEndpoint({
			method: 'GET',
			path: '/api/security/permissions/:name',
			access,
			tag,
			summary: 'Shows a permission target.',
			params,
			answers: {200: {description: 'The permission target.', schema: targetSchema}, ...unknown},
			handle: async ({params: {name}}) => ({json: shownTarget(await getTarget(permissions, name))}),
		}),
		defineEndpoint({
			method: 'PUT',
			path: '/api/security/permissions/:name',
			audit: 'permission.save',
			access,
			tag,
			summary: 'Makes a permission target, or replaces what one says of repositories.',
			params,
			body: {schema: targetSchema},
			answers: {201: {description: 'It is there.'}, 400: {description: 'It names what is not there.'}},
			async handle({params: {name}, body}) {
				const known = await permissions.find(name);
				const target = {name, build: known?.build, repo: readSection(body)};
				await (known === undefined ? permissions.add(target) : permissions.replace(target));
				expire();
				return {status: 201};
			},
		}),
		defineEndpoint({
			method: 'DELETE',
			path: '/api/security/permissions/:name',
			audit: 'permission.delete',
			access,
			tag,
			summary: 'Deletes a permission target.',
			params,
			answers: {200: {description: 'A sentence that says so.', contentType: 'text/plain'}, ...unknown},
			async handle({params: {name}}) {
				await permissions.delete(name);
				expire();
				return {text: `Successfully deleted permission Target '${name}'`};
			},
		}),
	];
}

/** The same in both APIs but for the path. */
export function listTargets(path: `/${string}`, permissions: PermissionAccounts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path,
		access,
		tag,
		summary: 'Lists all permission targets.',
		answers: {
			200: {
				description: 'The permission targets by name.',
				schema: Type.Array(Type.Object({name: Type.String(), uri: Type.String()})),
			},
		},
		async handle({url}) {
			const shown = (await permissions.list()).map(({name}) => ({
				name,
				uri: url(`${path}/${encodeURIComponent(name)}`),
			}));
			return {json: shown};
		},
	});
}

export async function getTarget(permissions: PermissionAccounts, name: string): Promise<PermissionTargetRecord> {
	const target = await permissions.find(name);
	if (target === undefined) {
		throw accountError(`there is no permission target "${name}"`, 404);
	}
	return target;
}

function readSection({includesPattern, excludesPattern, repositories, principals}: Static<typeof targetSchema>) {
	return {
		repositories: told(repositories) ?? [],
		includes: readPatterns(told(includesPattern) ?? '**'),
		excludes: readPatterns(told(excludesPattern) ?? ''),
		users: readGrants(told(principals?.users)),
		groups: readGrants(told(principals?.groups)),
	};
}

function readPatterns(text: string): readonly string[] {
	return text
		.split(',')
		.map(pattern => pattern.trim())
		.filter(pattern => pattern !== '');
}

function shownTarget({name, repo}: PermissionTargetRecord): object {
	return {
		name,
		includesPattern: repo?.includes.join(',') ?? '',
		excludesPattern: repo?.excludes.join(',') ?? '',
		repositories: repo?.repositories ?? [],
		principals: {users: toLetters(repo?.users ?? {}), groups: toLetters(repo?.groups ?? {})},
	};
}
