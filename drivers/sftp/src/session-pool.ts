import {setTimeout as sleep} from 'node:timers/promises';
import {type Abortable, unlessAborted} from '@stowage/core';
import {ConnectionError} from './errors.ts';
import type {Session} from './session.ts';

/** Milliseconds before a call is made again on another connection, one for each time. */
const delays = [100, 400, 1_600];

/** Makes the lease of a running call last until the function that it gives is called. */
export type Keep = () => () => void;

interface Member {
	readonly opening: Promise<Session>;
	session?: Session;
	users: number;
}

export interface RunOptions extends Abortable {
	/** Whether the call may be made again when the connection broke. Yes unless told. */
	readonly repeatable?: () => boolean;
}

/** A limited number of connections, opened when needed, shared, and replaced when they break. */
export class SessionPool {
	readonly #open: (signal: AbortSignal) => Promise<Session>;
	readonly #limit: number;
	readonly #end = new AbortController();
	#members: Member[] = [];

	/** `open` is told by its signal when the pool is closed meanwhile. */
	constructor(open: (signal: AbortSignal) => Promise<Session>, limit: number) {
		this.#open = open;
		this.#limit = limit;
	}

	/** Runs `use` with a connection, and again with another one when it broke and the call is repeatable. */
	async run<Result>(
		use: (session: Session, keep: Keep) => Promise<Result>,
		{signal, repeatable = () => true}: RunOptions = {},
	): Promise<Result> {
		for (let attempt = 0; ; attempt += 1) {
			signal?.throwIfAborted();
			try {
				return await this.#runOnce(use, signal);
			} catch (error) {
				const delay = delays[attempt];
				if (!(error instanceof ConnectionError) || delay === undefined || this.#end.signal.aborted || !repeatable()) {
					throw error;
				}
				await sleep(delay, undefined, {signal});
			}
		}
	}

	/** Ends all connections, also those that are being opened. */
	async close(): Promise<void> {
		this.#end.abort(new Error('the storage is closed'));
		const opened = await Promise.allSettled(this.#members.map(({opening}) => opening));
		for (const result of opened) {
			if (result.status === 'fulfilled') {
				result.value.end();
			}
		}
	}

	async #runOnce<Result>(
		use: (session: Session, keep: Keep) => Promise<Result>,
		signal: AbortSignal | undefined,
	): Promise<Result> {
		const member = this.#pick();
		const keep = () => {
			member.users += 1;
			return () => {
				member.users -= 1;
			};
		};
		const release = keep();
		try {
			const session = await unlessAborted(member.opening, signal);
			signal?.throwIfAborted();
			return await use(session, keep);
		} finally {
			release();
		}
	}

	/** The connection with the fewest users; a new one when all have some and there may be more. */
	#pick(): Member {
		this.#end.signal.throwIfAborted();
		this.#members = this.#members.filter(({session}) => session?.lost !== true);
		const [best] = this.#members.toSorted((one, other) => one.users - other.users);
		return best !== undefined && (best.users === 0 || this.#members.length >= this.#limit) ? best : this.#add();
	}

	#add(): Member {
		const member: Member = {opening: this.#open(this.#end.signal), users: 0};
		this.#members.push(member);
		member.opening.then(
			session => (member.session = session),
			() => (this.#members = this.#members.filter(other => other !== member)),
		);
		return member;
	}
}
