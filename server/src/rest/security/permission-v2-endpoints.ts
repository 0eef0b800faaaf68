import type {PermissionSection, PermissionTarget} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {accountError} from '../../auth/accounts/account-error.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {lenient, optional, told} from './lenient-fields.ts';
import {getTarget, listTargets} from './permission-v1-endpoints.ts';
import {demandManager, demandOwnChange, managerOf} from './permission-managers.ts';
import {readGrants} from './permission-words.ts';
import type {SecurityParts} from './security-parts.ts';

const tag = 'security';
const access = 'admin';
const params = Type.Object({name: Type.String({minLength: 1, maxLength: 255})});
const unknown = {404: {description: 'There is no such permission target.'}};
const texts = optional(Type.Array(Type.String()));
const grants = optional(Type.Record(Type.String(), Type.Array(Type.String())));

const sectionSchema = optional(
	lenient({
		'include-patterns': texts,
		'exclude-patterns': texts,
		repositories: texts,
		actions: optional(lenient({users: grants, groups: grants})),
	}),
);
const targetSchema = lenient({name: optional(Type.String()), repo: sectionSchema, build: sectionSchema});

/** Permission targets, as Artifactory's second API has them. */
export function permissionV2Endpoints(parts: SecurityParts): readonly Endpoint[] {
	const {permissions, expire} = parts;
	const path = '/api/v2/security/permissions/:name';
	return [
		listTargets('/api/v2/security/permissions', permissions),
		defineEndpoint({
			method: 'GET',
			path,
			access: 'signed-in',
			tag,
			summary: 'Shows a permission target: to administrators, and to who manages it.',
			params,
			answers: {200: {description: 'The permission target.', schema: targetSchema}, ...unknown},
			async handle({params: {name}, caller}) {
				demandManager(await managerOf(caller, parts), await permissions.find(name), caller);
				return {json: shownTarget(await getTarget(permissions, name))};
			},
		}),
		makeTarget(parts, '/api/v2/security/permissions'),
		makeTarget(parts, path),
		defineEndpoint({
			method: 'PUT',
			path,
			audit: 'permission.change',
			access: 'signed-in',
			tag,
			summary: 'Puts another permission target in the place of one. Who manages it changes what users and groups may.',
			params,
			body: {schema: targetSchema},
			answers: {200: {description: 'It is changed.'}, ...unknown},
			async handle({params: {name}, body, caller}) {
				const manages = await managerOf(caller, parts);
				demandManager(manages, await permissions.find(name), caller);
				const target = readTarget(name, body);
				await permissions.replace(target, before => caller.admin || demandOwnChange(manages, before, target));
				expire();
				return {status: 200};
			},
		}),
		defineEndpoint({
			method: 'DELETE',
			path,
			audit: 'permission.delete',
			access,
			tag,
			summary: 'Deletes a permission target.',
			params,
			answers: {200: {description: 'It is gone.'}, ...unknown},
			async handle({params: {name}}) {
				await permissions.delete(name);
				expire();
				return {status: 200};
			},
		}),
	];
}

function makeTarget({permissions, expire}: SecurityParts, path: `/${string}`): Endpoint {
	return defineEndpoint({
		method: 'POST',
		path,
		audit: 'permission.add',
		access,
		tag,
		summary: 'Makes a permission target.',
		body: {schema: targetSchema},
		answers: {
			200: {description: 'It is made.'},
			400: {description: 'It names what is not there.'},
			409: {description: 'There is one of that name.'},
		},
		async handle({context, body}) {
			const name = context.params['name'] ?? told(body.name);
			if (name === undefined) {
				throw accountError('field "name": is missing');
			}
			await permissions.add(readTarget(name, body));
			expire();
			return {status: 200};
		},
	});
}

function readTarget(name: string, {repo, build}: Static<typeof targetSchema>): PermissionTarget {
	return {name, repo: readSection(told(repo)), build: readSection(told(build))};
}

function readSection(section: Static<typeof sectionSchema> | undefined): PermissionSection | undefined {
	return section === undefined || section === null
		? undefined
		: {
				repositories: told(section.repositories) ?? [],
				includes: told(section['include-patterns']) ?? ['**'],
				excludes: (told(section['exclude-patterns']) ?? []).filter(pattern => pattern !== ''),
				users: readGrants(told(section.actions?.users)),
				groups: readGrants(told(section.actions?.groups)),
			};
}

function shownTarget({name, repo, build}: PermissionTarget): object {
	return {name, ...(repo && {repo: shownSection(repo)}), ...(build && {build: shownSection(build)})};
}

function shownSection({repositories, includes, excludes, users, groups}: PermissionSection): object {
	return {
		'include-patterns': includes,
		'exclude-patterns': excludes,
		repositories,
		actions: {users, groups},
	};
}
