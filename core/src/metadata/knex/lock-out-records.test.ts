import {databases} from '@stowage/test-servers/databases';
import {openMetadataWorld} from '@stowage/test-servers/metadata-world';
import test from 'ava';

function at(seconds: number): Date {
	return new Date(seconds * 1000);
}

for (const database of databases()) {
	test(`${database.name}: who has to wait is listed until his time is over or he is let in again`, async t => {
		const {store} = await openMetadataWorld(t, database);
		await store.lockOuts.add('bob', at(30), at(0));
		await store.lockOuts.add('ann', at(20), at(0));
		await store.lockOuts.add('ann', at(10), at(0));
		t.deepEqual(await store.lockOuts.list(at(19)), ['ann', 'bob']);
		t.deepEqual(await store.lockOuts.list(at(20)), ['bob']);
		await store.lockOuts.add('ann', at(40), at(25));
		await store.lockOuts.delete(['bob', 'nobody']);
		t.deepEqual(await store.lockOuts.list(at(25)), ['ann']);
		await store.lockOuts.add('Ann', at(60), at(50));
		t.deepEqual(await store.lockOuts.list(at(0)), ['Ann']);
	});
}
