import {openMetadata} from '@stowage/core/metadata';
import {databases} from '@stowage/test-servers/databases';
import test from 'ava';
import {silentLogger} from '../../http/fixtures/start-app.ts';
import {ExternalAccounts} from './external-accounts.ts';
import {ExternalRealm} from './external-realm.ts';
import {PeopleElsewhere} from './fixtures/realm-world.ts';

for (const database of databases()) {
	test(`${database.name}: those who come at once, to two nodes, are made once, and so are their groups`, async t => {
		const {options, cleanup} = await database.open();
		t.teardown(cleanup);
		const stores = [await openMetadata(options), await openMetadata(options)];
		stores.forEach(store => t.teardown(() => store.close()));
		const rules = {
			name: 'company',
			createUsers: true,
			createGroups: true,
			groups: {ops: 'operators'},
			outageSeconds: 0,
		};
		const realm = new ExternalRealm({rules, authenticator: new PeopleElsewhere(), logger: silentLogger});
		const nodes = stores.map(metadata => new ExternalAccounts({metadata, logger: silentLogger}));
		const names = ['ann', 'bob', 'carol', 'dan'];
		const admitted = await Promise.all(
			nodes.flatMap(node =>
				names.map(async name => node.admit(realm, {name, externalId: name, groups: ['dev', 'ops', 'test']})),
			),
		);
		t.deepEqual(new Set(admitted.map(user => user?.name)), new Set(names));
		t.is(new Set(admitted.map(user => user?.id)).size, names.length);
		for (const user of admitted) {
			t.deepEqual(await stores[0]?.memberships.groupsOf(user?.id ?? 0), ['dev', 'operators', 'test']);
		}
		t.is((await stores[0]?.groups.list())?.length, 3);
	});
}
