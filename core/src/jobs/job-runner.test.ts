import {setTimeout as sleep} from 'node:timers/promises';
import type {Logger} from '@stowage/core';
import {type TestDatabase, databases} from '@stowage/test-servers/databases';
import {openMetadataWorld} from '@stowage/test-servers/metadata-world';
import test, {type ExecutionContext} from 'ava';
import {JobRunner, type JobRunnerOptions} from './job-runner.ts';

/** In minutes: as often as a test can wait for. */
const often = {minutes: 20 / 60_000};

interface LoggedLine {
	readonly level: string;
	readonly fields: object;
}

function recordingLogger(lines: LoggedLine[]): Logger {
	const at = (level: string) => (fields: object) => void lines.push({level, fields});
	return {
		debug: at('debug'),
		info: at('info'),
		warn: at('warn'),
		error: at('error'),
		child: () => recordingLogger(lines),
	};
}

async function openRunners(t: ExecutionContext, database: TestDatabase, options: Partial<JobRunnerOptions> = {}) {
	const world = await openMetadataWorld(t, database);
	const lines: LoggedLine[] = [];
	const logger = recordingLogger(lines);
	const stores = [world.store, await world.openAnother()];
	const [one, other] = stores.map(metadata => new JobRunner({metadata, logger, ...options}));
	t.teardown(() => one!.stop());
	t.teardown(() => other!.stop());
	return {...world, runners: [one!, other!], lines};
}

async function until(what: () => boolean): Promise<void> {
	for (let round = 0; !what(); round++) {
		if (round > 2000) {
			throw new Error('it never came');
		}
		await sleep(5);
	}
}

for (const database of databases()) {
	const on = (title: string) => `${database.name}: ${title}`;

	test(on('a job runs on one of two runners at a time, and again and again'), async t => {
		const {runners} = await openRunners(t, database);
		let [running, most, runs] = [0, 0, 0];
		for (const runner of runners) {
			runner.every(often, 'count', async () => {
				running++;
				most = Math.max(most, running);
				await sleep(15);
				running--;
				runs++;
			});
			runner.start();
		}
		await until(() => runs >= 6);
		t.is(most, 1);
	});

	test(on('a job is not run again before its interval has passed, on whatever node'), async t => {
		const {runners} = await openRunners(t, database);
		let runs = 0;
		for (const runner of runners) {
			runner.every({minutes: 200 / 60_000}, 'seldom', async () => {
				runs++;
			});
			runner.start();
		}
		const begin = performance.now();
		await until(() => runs >= 3);
		t.true(performance.now() - begin >= 400);
	});

	test(on('a run that throws is logged and tried again at its next turn'), async t => {
		const {runners, lines} = await openRunners(t, database);
		let runs = 0;
		runners[0]!.every(often, 'failing', async () => {
			runs++;
			throw new Error(`failure ${runs}`);
		});
		runners[0]!.start();
		await until(() => runs >= 3);
		t.like(lines[0], {level: 'error', fields: {job: 'failing', err: {message: 'failure 1'}}});
	});

	test(on('stop aborts what runs and waits for it, and gives the lease back'), async t => {
		const {runners, store} = await openRunners(t, database);
		let [begun, ended] = [false, false];
		runners[0]!.every(often, 'long', async ({signal}) => {
			begun = true;
			await sleep(60_000, undefined, {signal}).catch(() => undefined);
			await sleep(20);
			ended = true;
		});
		runners[0]!.start();
		await until(() => begun);
		await runners[0]!.stop();
		t.true(ended);
		t.true(await store.jobs.claim({name: 'long', owner: 'next', leaseMs: 1000, intervalMs: 0}));
	});

	test(on('a lease is renewed for as long as a job runs'), async t => {
		const {runners, store} = await openRunners(t, database, {leaseMs: 3000});
		let [begun, ended] = [false, false];
		runners[0]!.every(often, 'long', async () => {
			begun = true;
			await sleep(4500);
			ended = true;
		});
		runners[0]!.start();
		await until(() => begun);
		for (let round = 0; round < 40; round++) {
			const stolen = await store.jobs.claim({name: 'long', owner: 'thief', leaseMs: 1000, intervalMs: 0});
			t.false(stolen && !ended);
			await sleep(100);
		}
	});

	test(on('a run whose lease was lost is aborted'), async t => {
		const {runners, store} = await openRunners(t, database, {leaseMs: 60, owner: 'me'});
		let reason: unknown;
		let begun = false;
		runners[0]!.every({minutes: 1 / 60}, 'stolen', async ({signal}) => {
			begun = true;
			await sleep(10_000, undefined, {signal}).catch(() => undefined);
			reason = signal.reason;
		});
		runners[0]!.start();
		await until(() => begun);
		await store.jobs.finish('stolen', 'me');
		await until(() => reason !== undefined);
		t.regex((reason as Error).message, /lease/);
	});

	test(on('a job that is handed in after the start runs too, and its runs are observed'), async t => {
		const observed: unknown[] = [];
		const observe = (...run: unknown[]) => observed.push(run);
		let time = 0;
		const {runners} = await openRunners(t, database, {observe, now: () => (time += 7)});
		const [runner] = runners;
		runner!.start();
		runner!.every(often, 'late', async () => {
			if (observed.length > 0) {
				throw new Error('not again');
			}
		});
		await until(() => observed.length >= 2);
		t.deepEqual(observed.slice(0, 2), [
			['late', 7, true],
			['late', 7, false],
		]);
		t.throws(() => runner!.every(often, 'late', () => Promise.resolve()));
	});

	test(
		on('a job is run when it is asked for, unless it runs on some node, and everybody sees how it stands'),
		async t => {
			const {runners, store} = await openRunners(t, database);
			const gate = Promise.withResolvers<void>();
			for (const runner of runners) {
				runner.every({minutes: 60}, 'asked', async () => {
					await store.jobs.saveReport('asked', {done: 1});
					await gate.promise;
					throw new Error('it ends badly');
				});
			}
			t.deepEqual(await store.jobs.find('asked'), {running: false});
			const run = await runners[0]!.runNow('asked');
			t.is(await runners[1]!.runNow('asked'), undefined);
			t.like(await store.jobs.find('asked'), {running: true, error: undefined, finishedAt: undefined});
			gate.resolve();
			t.is(await run?.ended, 'it ends badly');
			const state = await store.jobs.find('asked');
			t.like(state, {running: false, error: 'it ends badly', report: {done: 1}});
			t.true(state.startedAt! <= state.finishedAt!);
			await (
				await runners[1]!.runNow('asked')
			)?.ended;
			await t.throwsAsync(runners[0]!.runNow('unknown'), {message: /no job/});
		},
	);

	test(on('a database that is gone is logged, and the next turn tries again'), async t => {
		const {runners, store, lines} = await openRunners(t, database);
		let runs = 0;
		runners[0]!.every(often, 'count', async () => {
			runs++;
		});
		runners[0]!.start();
		await until(() => runs > 0);
		await store.close();
		await until(() => lines.filter(line => line.level === 'error').length >= 2);
		t.like(lines[0], {fields: {job: 'count'}});
	});
}
