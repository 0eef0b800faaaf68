import type {Answer} from './connection.ts';

/** What the registry said or has is not what it acknowledged. */
export class BrokenPromise extends Error {
	readonly code = 'BROKEN_PROMISE';

	constructor(what: string, {status, range, body}: Answer) {
		super(`${what}: ${status} ${range ?? ''} ${body.toString('utf8').slice(0, 500)}`);
		this.name = 'BrokenPromise';
	}
}

/** Rejects an answer with another status. */
export function expectStatus(what: string, answer: Answer, status: number): void {
	if (answer.status !== status) {
		throw new BrokenPromise(what, answer);
	}
}
