import {passwords, rechecks} from './authenticator-suite/passwords.ts';
import {type AuthenticatorUnderTest, defineCase} from './authenticator-suite/suite-case.ts';
import {tokens} from './authenticator-suite/tokens.ts';
import type {SuiteTest} from './storage-driver-suite/suite-case.ts';

const topics = {passwords, rechecks, tokens};

export interface AuthenticatorSuiteOptions {
	/** The `test` of ava, node:test or vitest. */
	readonly test: SuiteTest;
	/** A new authenticator for every case, and a world in which nothing was changed. */
	readonly open: () => Promise<AuthenticatorUnderTest>;
	/** What it can do: `verifyPassword`, `findUser` and `verifyToken`, in this order. */
	readonly checks: readonly (keyof typeof topics)[];
	/** Put before the title of every case, where one file runs the suite more than once. Nothing unless told. */
	readonly title?: string;
}

/** What every authenticator must do. The other side is a real one: its answers are what the suite is about. */
export function authenticatorSuite({test, open, checks, title = ''}: AuthenticatorSuiteOptions): void {
	const define = defineCase(test, open, title);
	for (const name of checks) {
		topics[name](define);
	}
}
