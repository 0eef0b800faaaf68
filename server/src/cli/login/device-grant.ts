import {setTimeout as sleep} from 'node:timers/promises';
import {LoginError} from './login-error.ts';
import {sendForm} from './send-form.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
const usualIntervalSeconds = 5;
const slowerSeconds = 5;
const longestSeconds = 1800;

export interface DeviceGrantRequest {
	readonly issuer: string;
	readonly clientId: string;
	readonly scope: string;
	/** Tells somebody what to do. */
	readonly tell: (line: string) => void;
	/** Instead of time that passes, for tests. */
	readonly wait?: (seconds: number) => Promise<void>;
}

interface Endpoints {
	readonly device: URL;
	readonly token: URL;
}

interface StartedGrant {
	readonly deviceCode: string;
	readonly intervalSeconds: number;
	readonly expiresInSeconds: number;
}

/** An ID token of who signs in with a browser on any device (RFC 8628). Rejects with `LoginError`. */
export async function requestIdToken(request: DeviceGrantRequest): Promise<string> {
	const endpoints = await findEndpoints(request.issuer);
	const started = await start(endpoints, request);
	return poll(endpoints, started, request);
}

async function findEndpoints(issuer: string): Promise<Endpoints> {
	const base = URL.parse(issuer);
	if (base === null || (base.protocol !== 'https:' && !isLoopback(base))) {
		throw new LoginError('the address of the provider must begin with https://');
	}
	const {json} = await sendForm(new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
	if (json['issuer'] !== issuer) {
		throw new LoginError(`${base.host} is no provider, or calls itself otherwise than "${issuer}"`);
	}
	const [device, token] = [json['device_authorization_endpoint'], json['token_endpoint']].map(address =>
		typeof address === 'string' ? URL.parse(address) : null,
	);
	if (!device || !token || [device, token].some(({protocol}) => protocol !== base.protocol)) {
		throw new LoginError(`${base.host} does not let devices sign in (RFC 8628)`);
	}
	return {device, token};
}

function isLoopback({hostname}: URL): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

async function start({device}: Endpoints, {clientId, scope, tell}: DeviceGrantRequest): Promise<StartedGrant> {
	const {json} = await sendForm(device, {form: {client_id: clientId, scope}});
	const {device_code: deviceCode, user_code: code, verification_uri: address, interval, expires_in: expires} = json;
	if (typeof deviceCode !== 'string' || typeof code !== 'string' || typeof address !== 'string') {
		throw new LoginError(`${device.host} does not let this client sign in${reasonIn(json)}`);
	}
	const whole = json['verification_uri_complete'];
	tell(
		typeof whole === 'string'
			? `Open ${printable(whole)} in a browser, on any device, and sign in. It shows the code ${printable(code)}.`
			: `Open ${printable(address)} in a browser, on any device, sign in and give the code ${printable(code)}.`,
	);
	return {
		deviceCode,
		intervalSeconds: typeof interval === 'number' && interval > 0 ? interval : usualIntervalSeconds,
		expiresInSeconds: Math.min(typeof expires === 'number' ? expires : longestSeconds, longestSeconds),
	};
}

async function poll(
	{token}: Endpoints,
	{deviceCode, intervalSeconds, expiresInSeconds}: StartedGrant,
	{clientId, wait = async seconds => sleep(seconds * 1000)}: DeviceGrantRequest,
): Promise<string> {
	let interval = intervalSeconds;
	for (let waited = 0; waited < expiresInSeconds; waited += interval) {
		await wait(interval);
		const form = {client_id: clientId, grant_type: grantType, device_code: deviceCode};
		const {status, json} = await sendForm(token, {form});
		const {id_token: idToken, error} = json;
		if (typeof idToken === 'string') {
			return idToken;
		}
		if (error === 'slow_down') {
			interval += slowerSeconds;
		} else if (error !== 'authorization_pending') {
			const reason = status === 200 ? ': it gives no ID token; ask for the scope "openid"' : reasonIn(json);
			throw new LoginError(`${token.host} did not let you sign in${reason}`);
		}
	}
	throw new LoginError('nobody has signed in in time');
}

function reasonIn({error, error_description: description}: Readonly<Record<string, unknown>>): string {
	const words = [error, description].filter(word => typeof word === 'string');
	return words.length === 0 ? '' : `: ${printable(words.join(', '))}`;
}

/** A provider says nothing to the terminal itself. */
function printable(words: string): string {
	return words.replace(/\p{Cc}/gu, ' ').slice(0, 2000);
}
