import type {Routes} from '@stowage/core';

/** Docker's first registry API and its index, in one. */
export function defineV1(routes: Routes): void {
	routes.route('GET', '/_ping', 'public', context => {
		context.set('X-Docker-Registry-Standalone', 'True');
		context.body = {};
	});
}
