import type {Caller} from './caller.ts';

/** A caller that may do everything: jobs, and tests of what is not about rights. */
export function everythingCaller(name: string): Caller {
	return {name, anonymous: false, admin: true, may: () => true};
}
