import type {Caller} from './caller.ts';

/** What somebody may do, worked out of everything that grants it to him. */
export type Rights = Pick<Caller, 'admin' | 'may'>;

export interface RightsOptions {
	readonly admin: boolean;
	/** Whether everybody may read everything, even without signing in. */
	readonly anonymousRead: boolean;
}

export function rightsOf({admin, anonymousRead}: RightsOptions): Rights {
	if (admin) {
		return {admin: true, may: () => true};
	}
	return {admin: false, may: action => anonymousRead && action === 'read'};
}
