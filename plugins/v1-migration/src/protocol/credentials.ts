import type {IncomingHttpHeaders} from 'node:http';
import type {Action, ImageName, RouteContext} from '@stowage/core';

export type TokenAccess = 'read' | 'write' | 'delete';

const cookieName = 'session';

/** Clients put `Token ` before what they were given, which begins with it already. */
const tokenHeader = /^Token +(?:Token +)?signature=([\w.~-]{1,4096})(?:,|$)/i;

/** Who pushes asks first what is there. */
const actions: Readonly<Record<TokenAccess, readonly Action[]>> = {
	read: ['read'],
	write: ['read', 'write'],
	delete: ['delete'],
};

/** The signed token in `Authorization: Token signature=…`, or in the cookie that stands for it after the first request. */
export function findAuthorization({authorization, cookie}: IncomingHttpHeaders): string | undefined {
	if (authorization !== undefined) {
		const signature = tokenHeader.exec(authorization)?.[1];
		return signature && `Bearer ${signature}`;
	}
	const session = cookie
		?.split(';')
		.map(pair => pair.trim().split('='))
		.find(([name]) => name === cookieName)?.[1];
	return session && /^[\w.~-]{1,4096}$/.test(session) ? `Bearer ${session}` : undefined;
}

/**
 * Gives the client what further requests about the image want: a token that is signed, good for that image and this access
 * alone and for an hour; and where to send them, unless that is below a path, which no endpoint can say.
 */
export async function giveToken(context: RouteContext, image: ImageName, access: TokenAccess): Promise<void> {
	const signature = await context.issueToken(image, actions[access]);
	const token = `Token signature=${signature},repository="${image}",access=${access}`;
	context.set('X-Docker-Token', token);
	context.set('WWW-Authenticate', token);
	const secure = context.address.site.origin.startsWith('https:') ? '; Secure' : '';
	context.set('Set-Cookie', `${cookieName}=${signature}; Path=/; HttpOnly; SameSite=Strict${secure}`);
	if (context.address.prefix === '/v1') {
		context.set('X-Docker-Endpoints', context.address.site.host);
	}
}
