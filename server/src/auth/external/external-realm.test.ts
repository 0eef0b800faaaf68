import {silentLogger} from '@stowage/testing';
import test from 'ava';
import {ExternalRealm} from './external-realm.ts';
import {PeopleElsewhere} from './fixtures/realm-world.ts';

test('an outage is told to clients each time, and to the log once in a while', async t => {
	const warnings: unknown[] = [];
	const logger = {...silentLogger, warn: (details: unknown) => void warnings.push(details)};
	const authenticator = new PeopleElsewhere();
	const rules = {name: 'company', createUsers: true, createGroups: false, groups: {}, outageSeconds: 0};
	const realm = new ExternalRealm({rules, authenticator, logger});
	authenticator.there = false;
	for (let tries = 0; tries < 5; tries++) {
		await t.throwsAsync(async () => realm.findUser?.({name: 'ann', externalId: ''}), {
			code: 'UNAVAILABLE',
			message: 'the authenticator "company" cannot be asked now',
		});
	}
	t.is(warnings.length, 1);
	t.is(realm.verifyToken, undefined);
});
