import {RegistryError} from '@stowage/core';
import test from 'ava';
import {FailureLimit} from './failure-limit.ts';

function makeLimit() {
	const clock = {now: 1_700_000_000_000};
	const limit = new FailureLimit(() => clock.now);
	/** Seconds to wait; 0 when the attempt was let through. */
	const fail = (user: string, address: string): number => {
		try {
			limit.begin(user, address);
			return 0;
		} catch (error) {
			if (error instanceof RegistryError && error.code === 'TOOMANYREQUESTS' && error.status === 429) {
				return Number(error.headers['Retry-After']);
			}
			throw error;
		}
	};
	return {clock, limit, fail};
}

test('after six failures each further one doubles the wait, up to a quarter of an hour', t => {
	const {clock, fail} = makeLimit();
	for (let failures = 0; failures < 6; failures++) {
		t.is(fail('ann', '192.0.2.1'), 0);
	}
	const waits = [];
	for (let failures = 0; failures < 12; failures++) {
		const wait = fail('ann', '192.0.2.1');
		waits.push(wait);
		clock.now += wait * 1000;
		t.is(fail('ann', '192.0.2.1'), 0);
	}
	t.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

test('waiting does not make the wait longer', t => {
	const {clock, fail} = makeLimit();
	for (let attempts = 0; attempts < 100; attempts++) {
		fail('ann', '192.0.2.1');
	}
	clock.now += 1000;
	t.is(fail('ann', '192.0.2.1'), 0);
});

test('only the user at that address has to wait', t => {
	const {fail} = makeLimit();
	for (let failures = 0; failures < 6; failures++) {
		fail('ann', '192.0.2.1');
	}
	t.true(fail('ann', '192.0.2.1') > 0);
	t.is(fail('ann', '192.0.2.2'), 0);
	t.is(fail('bob', '192.0.2.1'), 0);
});

test('another spelling that a directory takes for the same name is no way around the wait', t => {
	const {limit, fail} = makeLimit();
	for (const name of ['ann', 'Ann', 'ANN', ' ann', 'ann ', '\tAnN ']) {
		t.is(fail(name, '192.0.2.1'), 0);
	}
	t.true(fail('aNN', '192.0.2.1') > 0);
	t.is(fail('an n', '192.0.2.1'), 0);
	t.deepEqual(limit.blockedNames(), ['ann']);
	limit.forgive('Ann');
	t.is(fail('ann', '192.0.2.1'), 0);
});

test('an address that tries many users has to wait', t => {
	const {fail} = makeLimit();
	const waits = Array.from({length: 60}, (_, index) => fail(`user-${index}`, '192.0.2.1'));
	t.is(waits.filter(wait => wait === 0).length, 51);
	t.true(fail('one-more', '192.0.2.1') > 0);
	t.is(fail('one-more', '192.0.2.2'), 0);
});

test('success forgets the failures of the user, and only its own share of the address', t => {
	const {limit, fail} = makeLimit();
	for (let failures = 0; failures < 5; failures++) {
		fail('ann', '192.0.2.1');
	}
	limit.begin('ann', '192.0.2.1').succeeded();
	for (let failures = 0; failures < 6; failures++) {
		t.is(fail('ann', '192.0.2.1'), 0);
	}
	t.true(fail('ann', '192.0.2.1') > 0);
	const others = Array.from({length: 60}, (_, index) => fail(`user-${index}`, '192.0.2.1'));
	t.is(others.filter(wait => wait === 0).length, 40);
});

test('an attempt that was not decided counts for nothing', t => {
	const {limit, fail} = makeLimit();
	for (let attempts = 0; attempts < 100; attempts++) {
		limit.begin('ann', '192.0.2.1').undecided();
	}
	t.is(fail('ann', '192.0.2.1'), 0);
});

test('attempts under way count, so that guessing at once gains nothing', t => {
	const {limit} = makeLimit();
	const begun = Array.from({length: 6}, () => limit.begin('ann', '192.0.2.1'));
	t.throws(() => limit.begin('ann', '192.0.2.1'), {code: 'TOOMANYREQUESTS'});
	begun[0]?.succeeded();
	t.notThrows(() => limit.begin('ann', '192.0.2.1'));
});

test('failures are forgotten after half an hour of quiet', t => {
	const {clock, fail} = makeLimit();
	for (let failures = 0; failures < 6; failures++) {
		fail('ann', '192.0.2.1');
	}
	clock.now += 30 * 60_000;
	for (let failures = 0; failures < 6; failures++) {
		t.is(fail('ann', '192.0.2.1'), 0);
	}
});

const sameNetwork = [
	['192.0.2.1', '::ffff:192.0.2.1', true],
	['2001:db8:1:2::1', '2001:db8:1:2:ffff::1', true],
	['2001:db8:1:2::1', '2001:db8:1:3::1', false],
	['192.0.2.1', '192.0.2.2', false],
	['not an address', 'not an address', true],
	['', '', true],
] as const;

for (const [first, second, same] of sameNetwork) {
	test(`"${first}" and "${second}" are ${same ? 'one place' : 'two places'}`, t => {
		const {fail} = makeLimit();
		for (let failures = 0; failures < 6; failures++) {
			fail('ann', first);
		}
		t.is(fail('ann', second) > 0, same);
	});
}

test('names that have to wait are told, and forgiven wherever the failures came from', t => {
	const {limit} = makeLimit();
	for (const address of ['192.0.2.1', '2001:db8::1']) {
		for (let tries = 0; tries < 6; tries++) {
			limit.begin('ann smith', address);
		}
	}
	limit.begin('bob', '192.0.2.1');
	t.deepEqual(limit.blockedNames(), ['ann smith']);
	limit.forgive('ann');
	t.deepEqual(limit.blockedNames(), ['ann smith']);
	limit.forgive('ann smith');
	t.deepEqual(limit.blockedNames(), []);
	t.notThrows(() => limit.begin('ann smith', '192.0.2.1'));
});
