import type {OutgoingHttpHeaders} from 'node:http';
import type {HttpContext} from './http-context.ts';

/** The version that clients look for to know a registry by. */
const versionHeader = 'Docker-Distribution-Api-Version';

/** Node sends a string together with the headers in one piece, and bytes as a second: what is small goes as a string. */
const joinedBytes = 16 * 1024;

/**
 * Sends a whole answer at once, past Koa's own body handling: one call of Node's, which is what pulling pays for.
 * For HEAD the headers alone are sent. `headers` is completed in place.
 */
export function answer(
	context: HttpContext,
	status: number,
	headers: OutgoingHttpHeaders,
	body?: string | Uint8Array,
): void {
	const {res} = context;
	startAnswer(context, status, headers);
	if (context.req.method === 'HEAD') {
		res.end();
	} else if (body instanceof Buffer && body.length <= joinedBytes) {
		res.end(body.toString('latin1'), 'latin1');
	} else {
		res.end(body);
	}
}

/** Sends status and headers; who calls it sends the rest. */
export function startAnswer(context: HttpContext, status: number, headers: OutgoingHttpHeaders): void {
	context.respond = false;
	headers['X-Request-Id'] = context.requestId;
	if (speaksV2(context)) {
		headers[versionHeader] = 'registry/2.0';
		if (context.address?.namespace !== undefined) {
			headers['OCI-Namespace'] = context.address.namespace;
		}
	}
	context.res.writeHead(status, headers);
}

/** What was refused before its address was found is known by the beginning of its path. */
function speaksV2({address, req}: HttpContext): boolean {
	return address === undefined
		? /^(?:(?:\/artifactory)?\/api\/docker\/[^/?]*)?\/v2(?:[/?]|$)/.test(req.url ?? '')
		: address.protocol === 'v2';
}

/** Sends `value` as JSON of exactly this media type: clients compare it, so it has no `charset`. */
export function answerJson(
	context: HttpContext,
	status: number,
	headers: OutgoingHttpHeaders,
	value: unknown,
	mediaType = 'application/json',
): void {
	const body = Buffer.from(JSON.stringify(value));
	answer(context, status, {...headers, 'Content-Type': mediaType, 'Content-Length': body.length}, body);
}
