import type {ImageName} from '../oci/image-name.ts';
import type {Action} from './action.ts';
import {namesMatch} from './names-match.ts';
import type {OtherNameOf} from './other-name.ts';
import {type PathPattern, findPathPattern} from './path-pattern.ts';
import type {Rights} from './rights.ts';

/** A part of one repository that a token is good for. */
export interface ScopedPart {
	/** `*` for every repository. */
	readonly repository: string;
	readonly pattern: PathPattern;
	readonly actions: readonly Action[];
}

/**
 * What an access token is good for, in Artifactory's words: `applied-permissions/user`, `applied-permissions/admin`,
 * `applied-permissions/groups:a,b` and `artifact:<repository>/<pattern>:<r|w|n|d|m|*>`, separated by spaces. The last narrows
 * what the user may; groups are those whose rights count.
 */
export interface TokenScope {
	/** All that the user may. */
	readonly user: boolean;
	/** That of an administrator; its owner has to be one. */
	readonly admin: boolean;
	readonly groups: readonly string[];
	readonly parts: readonly ScopedPart[];
}

const longest = 4096;
const mostItems = 64;
const letters: ReadonlyMap<string, Action> = new Map<string, Action>([
	['r', 'read'],
	['w', 'write'],
	['n', 'annotate'],
	['d', 'delete'],
	['m', 'manage'],
]);

/** Words, where a part in quotes may hold spaces: names of groups do. */
const item = /(?:"[^"]*"|[^\s"])+/g;

/** Undefined when `text` is not a scope, or one without anything in it. */
export function findTokenScope(text: string): TokenScope | undefined {
	const readable = text.length <= longest && text.replace(item, '').trim() === '';
	const items = readable ? (text.match(item) ?? []) : [];
	const scope = {user: false, admin: false, groups: [] as string[], parts: [] as ScopedPart[]};
	const understood = items.every(word => addItem(scope, word));
	return understood && items.length > 0 && items.length <= mostItems ? scope : undefined;
}

/** What `rights` allow on the parts, whichever of its names an image is asked for by. */
export function limitToParts(
	rights: Pick<Rights, 'may'>,
	parts: readonly ScopedPart[],
	otherNameOf?: OtherNameOf,
): Rights['may'] {
	return (action, repository, image) => {
		const otherName = image === undefined ? undefined : otherNameOf?.(repository, image);
		const asked = {action, repository, image, otherName};
		return parts.some(part => covers(part, asked)) && rights.may(action, repository, image);
	};
}

interface Asked {
	readonly action: Action;
	readonly repository: string;
	readonly image: ImageName | undefined;
	readonly otherName: ImageName | undefined;
}

function covers(part: ScopedPart, {action, repository, image, otherName}: Asked): boolean {
	return (
		(part.repository === repository || part.repository === '*') &&
		part.actions.includes(action) &&
		(image === undefined || namesMatch([part.pattern], image, otherName))
	);
}

interface DraftScope {
	user: boolean;
	admin: boolean;
	readonly groups: string[];
	readonly parts: ScopedPart[];
}

function addItem(scope: DraftScope, word: string): boolean {
	switch (word) {
		case 'applied-permissions/user':
		case 'member-of-groups:*':
			scope.user = true;
			return true;
		case 'applied-permissions/admin':
			scope.admin = true;
			return true;
		default:
			return addGroups(scope, word) || addPart(scope, word);
	}
}

/** `member-of-groups:` is the older word. */
function addGroups(scope: DraftScope, word: string): boolean {
	const [, list] = /^(?:applied-permissions\/groups|member-of-groups):(.+)$/.exec(word) ?? [];
	const names = list === undefined ? [] : list.replaceAll('"', '').split(',');
	if (names.length === 0 || names.includes('') || names.includes('*')) {
		return false;
	}
	scope.groups.push(...names);
	return true;
}

function addPart(scope: DraftScope, word: string): boolean {
	const [, repository, path, granted] = /^artifact:([^/:]+)(?:\/([^:]*))?:([rwndm,*]+)$/.exec(word) ?? [];
	const pattern =
		repository === undefined ? undefined : findPathPattern(path === undefined || path === '' ? '**' : path);
	if (repository === undefined || pattern === undefined || granted === undefined) {
		return false;
	}
	const actions = granted.includes('*') ? [...letters.values()] : [...letters].flatMap(actionIn(granted));
	scope.parts.push({repository, pattern, actions});
	return actions.length > 0;
}

function actionIn(granted: string): (entry: readonly [letter: string, action: Action]) => readonly Action[] {
	return ([letter, action]) => (granted.includes(letter) ? [action] : []);
}
