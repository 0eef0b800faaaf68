import {type AccessEntry, type Action, type Caller, type ImageName, RegistryError, actions} from '@stowage/core';

/** One scope as a client asks for it, in the grammar of the distribution project's token specification. */
export interface RequestedScope {
	/** `repository`, `registry`; a class in brackets is left out. */
	readonly type: string;
	readonly name: string;
	readonly actions: readonly string[];
}

/** What the name in a scope means at the address where the token is asked for; undefined when it means nothing there. */
export type ScopeAddress = (name: string) => {readonly repository: string; readonly image: ImageName} | undefined;

const mostScopes = 32;
const longestScope = 1024;
const resourceType = /^([a-z0-9]{1,64})(?:\([a-z0-9]{1,64}\))?$/;

/** `push` asks for `delete` as well, which overwriting a tag needs: it is granted to who has it. */
const meanings: ReadonlyMap<string, readonly Action[]> = new Map<string, readonly Action[]>([
	['pull', ['read']],
	['push', ['write', 'delete']],
	['delete', ['delete']],
	['*', actions],
]);

/** Each value may hold several scopes, separated by spaces. Throws 400 when there are too many or one is not a scope. */
export function parseScopes(values: readonly string[]): readonly RequestedScope[] {
	const texts = values.flatMap(value => value.split(' ')).filter(text => text !== '');
	if (texts.length > mostScopes) {
		throw new RegistryError('UNSUPPORTED', `more than ${mostScopes} scopes`, {status: 400});
	}
	return texts.map(parseScope);
}

/** What of the scopes the caller may be given: asking for more is no error. */
export function grantScopes(
	scopes: readonly RequestedScope[],
	caller: Pick<Caller, 'may'>,
	address: ScopeAddress,
): readonly AccessEntry[] {
	return scopes.flatMap(scope => {
		const target = scope.type === 'repository' ? address(scope.name) : undefined;
		if (target === undefined) {
			return [];
		}
		const asked = new Set(scope.actions.flatMap(action => meanings.get(action) ?? []));
		const granted = [...asked].filter(action => caller.may(action, target.repository, target.image));
		return granted.length === 0 ? [] : [{...target, actions: granted}];
	});
}

/** Whether lists of images are asked for. */
export function asksForCatalog(scopes: readonly RequestedScope[]): boolean {
	return scopes.some(({type, name, actions}) => type === 'registry' && name === 'catalog' && actions.includes('*'));
}

function parseScope(text: string): RequestedScope {
	const first = text.indexOf(':');
	const last = text.lastIndexOf(':');
	const type = resourceType.exec(text.slice(0, Math.max(first, 0)))?.[1];
	if (type === undefined || first === last || text.length > longestScope) {
		throw new RegistryError('UNSUPPORTED', 'a scope is <type>:<name>:<actions>', {
			status: 400,
			detail: {scope: text.slice(0, longestScope)},
		});
	}
	const actions = text.slice(last + 1).split(',');
	return {type, name: text.slice(first + 1, last), actions: actions.filter(action => action !== '')};
}
