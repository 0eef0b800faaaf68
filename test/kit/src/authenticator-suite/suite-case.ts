import type {ExternalAuthenticator} from '@stowage/core';
import type {SuiteTest} from '../storage-driver-suite/suite-case.ts';

/** Somebody whom the other side knows. */
export interface KnownPerson {
	readonly name: string;
	/** Left out where only tokens are checked. */
	readonly password?: string;
	/** A name of his that is spelled otherwise and is to mean him too. */
	readonly otherSpelling?: string;
	/** As the authenticator is to tell them, in any order. */
	readonly groups: readonly string[];
}

/** What `open` gives a case: a new authenticator, on a world where nothing has been changed. */
export interface AuthenticatorUnderTest {
	readonly authenticator: ExternalAuthenticator;
	readonly person: KnownPerson;
	/** Somebody else, with another password. */
	readonly other: KnownPerson;
	/** A token that is good now, for `person` or for a grant. Needed by an authenticator that checks tokens. */
	makeToken?(): Promise<string>;
	/** Takes `person` out of a group, of which the name is given back. Needed by an authenticator with `findUser`. */
	leaveGroup?(): Promise<string>;
	/** Removes `person`, or keeps him from signing in. Needed by an authenticator with `findUser`. */
	remove?(): Promise<void>;
	/** Ends the other side, or connections to it. */
	interrupt(): Promise<void>;
	/** Undoes `interrupt`. */
	restore(): Promise<void>;
	close(): Promise<void>;
}

export type DefineCase = (title: string, run: (under: AuthenticatorUnderTest) => Promise<void>) => void;

/** Gives each case an authenticator of its own and closes it whatever happened. */
export function defineCase(test: SuiteTest, open: () => Promise<AuthenticatorUnderTest>, prefix: string): DefineCase {
	return (title, run) => {
		test(prefix === '' ? title : `${prefix}: ${title}`, async t => {
			const under = await open();
			try {
				await run(under);
			} finally {
				await under.authenticator.close();
				await under.close();
			}
			if (countsAssertions(t)) {
				t.pass();
			}
		});
	};
}

/** ava fails a test that made none of its own assertions. */
function countsAssertions(t: unknown): t is {pass(): void} {
	return typeof t === 'object' && t !== null && 'pass' in t && typeof t.pass === 'function';
}
