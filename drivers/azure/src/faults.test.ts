import {azureContainers} from '@stowage/test-servers/azure-containers';
import {type FaultLimits, storageFaultSuite} from '@stowage/test-servers/storage-fault-suite';
import {silentLogger} from '@stowage/testing';
import test from 'ava';
import {azureDriver} from './azure-driver-type.ts';

const mebibyte = 1024 * 1024;
const newContainer = azureContainers({real: false});
const settings = {prefix: '', blockMebibytes: 1, parallelBlocks: 3};

async function makeContainer() {
	const made = await newContainer();
	const {account, accountKey, container, endpoint} = made;
	const open = async (url: string, limits: FaultLimits) =>
		azureDriver.create(
			{...settings, ...limits, account, accountKey, container, endpoint: url},
			{name: 'cloud', logger: silentLogger},
		);
	return {made, endpoint, open};
}

storageFaultSuite({
	test,
	async service(t) {
		const {made, endpoint, open} = await makeContainer();
		t.teardown(() => made.remove());
		return {endpoint, open};
	},
	cuts: {bytes: 8 * mebibyte + 5, after: 700_000, times: 4},
});

test('a container that is not there is trouble, and no missing object', async t => {
	const {made, endpoint, open} = await makeContainer();
	const driver = await open(endpoint, {tries: 2, timeoutSeconds: 30});
	t.teardown(() => driver.close());
	await made.remove();
	t.is(driver.classify(await t.throwsAsync(driver.stat('a'))), 'unavailable');
	t.is(driver.classify(await t.throwsAsync(driver.read('a'))), 'unavailable');
	t.is(driver.classify(await t.throwsAsync(driver.check())), 'unavailable');
});
