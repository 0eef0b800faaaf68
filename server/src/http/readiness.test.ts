import test from 'ava';
import {silentLogger as logger} from './fixtures/start-app.ts';
import {Readiness} from './readiness.ts';

const good = {name: 'database', check: async () => {}};
const bad = {name: 'storage "cold"', check: () => Promise.reject(new Error('wrong key AKIA'))};

test('names what is down, and nothing else of it', async t => {
	t.deepEqual(await new Readiness({logger, checks: [good, bad]}).down(), ['storage "cold"']);
	t.deepEqual(await new Readiness({logger, checks: [good]}).down(), []);
});

test('asks once in the time an answer is good for', async t => {
	let asked = 0;
	const check = async () => {
		asked += 1;
	};
	const readiness = new Readiness({logger, checks: [{name: 'database', check}], cacheMs: 60_000});
	await Promise.all([readiness.down(), readiness.down()]);
	await readiness.down();
	t.is(asked, 1);
});

test('takes a check that does not come back for one that fails', async t => {
	const alive = setTimeout(() => {}, 10_000);
	t.teardown(() => clearTimeout(alive));
	t.deepEqual(
		await new Readiness({
			logger,
			checks: [{name: 'slow', check: () => new Promise<void>(() => {})}],
			timeoutMs: 20,
		}).down(),
		['slow'],
	);
});

test('is not ready from the moment it stops', async t => {
	const readiness = new Readiness({logger, checks: [good]});
	t.deepEqual(await readiness.down(), []);
	readiness.stop();
	t.is((await readiness.down()).length, 1);
});
