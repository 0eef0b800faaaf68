import type {ReadOptions} from '@stowage/core';
import type {HttpContext} from '../http-context.ts';

/** Who asks, and until when he waits. The signal is only made when somebody looks at it. HEAD only asks whether it is there. */
export function readOptions(context: HttpContext): ReadOptions {
	return {
		caller: context.caller,
		peek: context.req.method === 'HEAD',
		namespace: context.address?.namespace,
		get signal() {
			return context.signal;
		},
	};
}
