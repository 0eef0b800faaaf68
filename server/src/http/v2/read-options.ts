import {LazyReadOptions, type ReadOptions} from '@stowage/core';
import type {HttpContext} from '../http-context.ts';

/** Who asks, and until when he waits. The signal is only made when somebody looks at it. HEAD only asks whether it is there. */
export function readOptions(context: HttpContext): ReadOptions {
	const {caller, address, req} = context;
	return new LazyReadOptions({caller, peek: req.method === 'HEAD', namespace: address?.namespace}, context);
}
