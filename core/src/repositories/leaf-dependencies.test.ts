import test from 'ava';
import {leafDependencies} from './leaf-dependencies.ts';

function leavesOf(key: string, made: Readonly<Record<string, readonly string[]>>): readonly string[] {
	return leafDependencies(key, one => made[one] ?? []);
}

test('what has things itself is found behind what is made of others, once and in order', t => {
	const made = {dev: ['local', 'prod', 'hub'], prod: ['prod-local', 'hub', 'local']};
	t.deepEqual(leavesOf('dev', made), ['local', 'prod-local', 'hub']);
	t.deepEqual(leavesOf('local', made), []);
});

test('a circle is no endless loop', t => {
	t.deepEqual(leavesOf('a', {a: ['b', 'x'], b: ['a', 'b', 'y']}), ['y', 'x']);
});
