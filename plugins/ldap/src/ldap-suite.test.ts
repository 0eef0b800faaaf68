import {type Slapd, slapdPeople, startSlapd} from '@stowage/test-servers/slapd';
import {type AuthenticatorUnderTest, authenticatorSuite} from '@stowage/testing';
import test from 'ava';
import {openAuthenticator, optionsFor} from './fixtures/directory-world.ts';
import type {LdapOptions} from './options.ts';

const [person, other] = slapdPeople as unknown as [(typeof slapdPeople)[0], (typeof slapdPeople)[0]];

/** A directory of its own for every case: they end it, and change who is in it. */
function openWith(more: (slapd: Slapd) => Partial<LdapOptions>): () => Promise<AuthenticatorUnderTest> {
	return async () => {
		const slapd = await startSlapd();
		return {
			authenticator: await openAuthenticator(optionsFor(slapd, more(slapd))),
			person: {...person, otherSpelling: person.name.toUpperCase()},
			other,
			async leaveGroup() {
				await slapd.leaveGroup(person.name, 'testers');
				return 'testers';
			},
			remove: () => slapd.administer(client => client.del(slapd.dnOf(person.name))),
			interrupt: () => slapd.pause(),
			restore: () => slapd.resume(),
			close: () => slapd.stop(),
		};
	};
}

const checks = ['passwords', 'rechecks'] as const;

authenticatorSuite({test, checks, open: openWith(() => ({})), title: 'ldaps'});
authenticatorSuite({
	test,
	checks,
	open: openWith(slapd => ({
		urls: [slapd.url],
		startTls: true,
		userDnTemplate: `uid={name},ou=people,${slapd.base}`,
		connections: 2,
	})),
	title: 'StartTLS and a template',
});
