import {authorizationOf} from '../../auth/authorization-header.ts';
import {answerJson} from '../answer.ts';
import {unauthorized} from '../gate.ts';
import type {RouteTable} from '../route-table.ts';

/**
 * `GET /v2/`: is this a registry, and are these credentials good (specification, end-1). Without credentials it is always
 * refused, even where anybody may read: clients only send theirs, now and later, after they were asked here.
 */
export function definePing(routes: RouteTable): void {
	routes.route('GET', '/', 'public', context => {
		if (authorizationOf(context.req.headers) === undefined) {
			throw unauthorized();
		}
		answerJson(context, 200, {}, {});
	});
}
