import {ApiKeys} from '../../auth/api-keys.ts';
import {GroupAccounts} from '../../auth/accounts/group-accounts.ts';
import {PermissionAccounts} from '../../auth/accounts/permission-accounts.ts';
import {UserAccounts} from '../../auth/accounts/user-accounts.ts';
import type {RestParts} from '../rest-parts.ts';

/** What the endpoints of users, groups, permissions and tokens work with. */
export interface SecurityParts extends RestParts {
	readonly users: UserAccounts;
	readonly groups: GroupAccounts;
	readonly permissions: PermissionAccounts;
	readonly apiKeys: ApiKeys;
	/** Lets this node see at once what was changed. */
	readonly expire: () => void;
}

export function createSecurityParts(parts: RestParts): SecurityParts {
	const {configuration, metadata, authenticator} = parts;
	return {
		...parts,
		users: new UserAccounts(metadata, configuration.data),
		groups: new GroupAccounts(metadata),
		permissions: new PermissionAccounts(metadata),
		apiKeys: new ApiKeys(metadata),
		expire: () => authenticator.expire(),
	};
}
