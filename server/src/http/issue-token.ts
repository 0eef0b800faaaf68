import type {Action, ImageName} from '@stowage/core';
import type {Authenticator} from '../auth/authenticator.ts';
import type {HttpContext} from './http-context.ts';

/** Long enough for a push of many layers by clients that cannot get another token meanwhile. */
const lifetimeSeconds = 3600;

const words: Readonly<Record<Action, string>> = {
	read: 'pull',
	write: 'push',
	delete: 'delete',
	annotate: '*',
	manage: '*',
};

/** A token for the caller of this request, good for the actions on one image of the repository that the address means. */
export async function issueToken(
	{caller, address}: Pick<HttpContext, 'caller' | 'address'>,
	authenticator: Pick<Authenticator, 'issueToken'>,
	{image, actions}: {readonly image: ImageName; readonly actions: readonly Action[]},
): Promise<string> {
	const repository = address?.repository;
	const scopes = [{type: 'repository', name: image, actions: actions.map(action => words[action])}];
	const place = repository === undefined ? undefined : {repository, image};
	const {token} = await authenticator.issueToken({caller, scopes, address: () => place, lifetimeSeconds});
	return token;
}
