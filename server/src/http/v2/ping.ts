import {RegistryError} from '@stowage/core';
import {authorizationOf} from '../../auth/authorization-header.ts';
import {answerJson} from '../answer.ts';
import {unauthorized} from '../gate.ts';
import type {RouteTable} from '../route-table.ts';

/**
 * `GET /v2/`: is this a registry, and are these credentials good (specification, end-1). Without credentials it is always
 * refused, even where anybody may read: clients only send theirs, now and later, after they were asked here. Where there
 * is nothing for V2 it is not there, so that an engine which knows both goes on with V1.
 */
export function definePing(routes: RouteTable): void {
	routes.route('GET', '/', 'public', context => {
		if (context.repository?.protocols?.includes('v2') === false) {
			throw new RegistryError('UNSUPPORTED', 'no repository speaks v2 here', {status: 404});
		}
		if (authorizationOf(context.req.headers) === undefined) {
			throw unauthorized();
		}
		answerJson(context, 200, {}, {});
	});
}
