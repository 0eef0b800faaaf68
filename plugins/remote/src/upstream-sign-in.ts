import type {OutboundBytes} from '@stowage/core/outbound';
import {type AskedBase, askBase} from './ask-base.ts';
import {type Challenge, parseChallenge} from './bearer-challenge.ts';
import type {RemoteOptions} from './options.ts';
import {SingleFlight} from './single-flight.ts';
import {fromOutbound, fromStatus} from './upstream-error.ts';
import {UpstreamTokens} from './upstream-tokens.ts';

export interface UpstreamSignInParts extends AskedBase {
	readonly options: Pick<RemoteOptions, 'username' | 'password' | 'enableTokenAuthentication'>;
}

/** What a request says of who sends it. */
export interface Signed {
	readonly authorization?: string;
	readonly token?: string;
}

type Answer = Pick<OutboundBytes, 'status' | 'headers'>;

/** How the upstream wants us to sign in, where it wants that. */
type Wanted = Challenge | 'nothing';

/** What registries answer nobody with, for what only somebody may see. */
const hiding: ReadonlySet<number> = new Set([401, 403, 404]);

/** Tells the upstream who we are, as it wants that: not at all, by user and password, or by a token. */
export class UpstreamSignIn {
	readonly #parts: UpstreamSignInParts;
	readonly #tokens: UpstreamTokens;
	readonly #basic: string | undefined;
	readonly #flights = new SingleFlight<Wanted>();
	/** Undefined until it has said so. */
	#wanted: Wanted | undefined;
	/** Whether it has asked for user and password itself. */
	#wantsBasic = false;

	constructor(parts: UpstreamSignInParts) {
		const {username, password = ''} = parts.options;
		this.#parts = parts;
		this.#basic = username && `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
		this.#tokens = new UpstreamTokens({...parts, basic: this.#basic});
	}

	/** What to say at first, with what is known. */
	sign(scope: string): Signed {
		const token = this.#tokens.find(scope);
		if (token !== undefined) {
			return {authorization: `Bearer ${token}`, token};
		}
		return this.#wantsBasic ? {authorization: this.#basic} : {};
	}

	/**
	 * What to say after an answer of the upstream itself; undefined when there is nothing better to say than what was said.
	 * Rejects with `UpstreamError`.
	 */
	async signBetter(scope: string, before: Signed, answer: Answer): Promise<Signed | undefined> {
		const challenge = answer.status === 401 ? challengeOf(answer) : undefined;
		if (challenge !== undefined) {
			this.#wanted = unscoped(challenge);
			return this.#answerChallenge(scope, challenge, before);
		}
		if (!hiding.has(answer.status) || this.#basic === undefined || before.authorization !== undefined) {
			return undefined;
		}
		const wanted = this.#wanted ?? (await this.#flights.run('wanted', () => this.#askWanted()));
		return wanted === 'nothing' ? undefined : this.#answerChallenge(scope, wanted, before);
	}

	/** To be told what `signBetter` has led to. */
	noteAnswer(scope: string, {token}: Signed, {status}: Answer): void {
		if (status === 401 && token !== undefined) {
			this.#tokens.noteRefused(scope, token);
		}
	}

	/** Whether an upstream that refuses something takes us for who we are, since what was said is certainly good. */
	isLetIn(scope: string, {token}: Signed, {status}: Answer): boolean {
		return token !== undefined && (status === 403 || this.#tokens.wasRefused(scope, token));
	}

	async #answerChallenge(scope: string, challenge: Challenge, before: Signed): Promise<Signed | undefined> {
		if (challenge.scheme === 'basic') {
			const known = this.#basic === undefined || before.authorization === this.#basic;
			this.#wantsBasic = this.#basic !== undefined;
			return known ? undefined : {authorization: this.#basic};
		}
		if (!this.#parts.options.enableTokenAuthentication) {
			return undefined;
		}
		if (before.token !== undefined) {
			if (this.#tokens.wasRefused(scope, before.token)) {
				return undefined;
			}
			this.#tokens.forget(scope, before.token);
		}
		const token = this.#tokens.find(scope) ?? (await this.#tokens.get(scope, challenge));
		return {authorization: `Bearer ${token}`, token};
	}

	/** At `/v2/`, where clients begin, an upstream says that it knows users even if it tells nobody of what they may see. */
	async #askWanted(): Promise<Wanted> {
		const url = this.#parts.address.base;
		try {
			const answer = await askBase(this.#parts);
			if (answer.status === 429 || answer.status >= 500) {
				throw fromStatus(answer, url);
			}
			const asks = answer.status === 401 && answer.url.origin === url.origin;
			const challenge = asks ? challengeOf(answer) : undefined;
			this.#wanted ??= challenge === undefined ? 'nothing' : unscoped(challenge);
			return this.#wanted;
		} catch (error) {
			throw fromOutbound(error, url);
		}
	}
}

function challengeOf({headers}: Answer): Challenge | undefined {
	const header: string | string[] | undefined = headers['www-authenticate'];
	return parseChallenge(Array.isArray(header) ? header.join(', ') : header);
}

/** What a challenge says for all that may be asked for. */
function unscoped(challenge: Challenge): Challenge {
	return challenge.scheme === 'basic' ? challenge : {...challenge, scope: undefined};
}
