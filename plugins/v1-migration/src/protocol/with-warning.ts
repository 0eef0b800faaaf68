import type {Routes} from '@stowage/core';

/** As clients show it to their users (RFC 7234, section 5.5). */
const warning = '299 - "the first registry API of Docker is deprecated: use Docker 1.6 or newer, and an address of V2"';

/** Routes whose handlers tell with each answer, refusals too, that what is used is deprecated. */
export function withWarning(routes: Routes): Routes {
	return {
		route(method, path, access, handler, options) {
			const warned: typeof handler = context => {
				context.set('Warning', warning);
				return handler(context);
			};
			routes.route(method, path, access, warned, options);
		},
	};
}
