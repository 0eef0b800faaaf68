import type {Logger} from '@stowage/core';
import type {HttpContext} from './http-context.ts';
import type {TrustedProxies} from './trusted-proxies.ts';

/** One line a request, once its answer has gone. Neither query nor headers are shown: they may hold secrets. */
export function requestLog(logger: Logger, proxies: TrustedProxies): (context: HttpContext) => void {
	return context => {
		const start = performance.now();
		const {req, res} = context;
		const client = proxies.clientAddress(req);
		res.on('close', () => {
			logger.info(
				{
					requestId: context.requestId,
					client,
					user: (context.caller as HttpContext['caller'] | undefined)?.name,
					method: req.method,
					path: req.url?.split('?', 1)[0],
					status: res.statusCode,
					ended: res.writableFinished,
					milliseconds: Math.round((performance.now() - start) * 10) / 10,
				},
				'request',
			);
		});
	};
}
