import test from 'ava';
import {everythingCaller} from '../access/everything-caller.ts';
import {LazyReadOptions} from './lazy-read-options.ts';
import type {ReadOptions} from './repository.ts';

const caller = everythingCaller('test');

function makeSource() {
	let asked = 0;
	const {signal} = new AbortController();
	return {
		kept: signal,
		get asked() {
			return asked;
		},
		get signal() {
			asked += 1;
			return signal;
		},
	};
}

test('the signal is asked for when somebody looks at it, and not before', t => {
	const source = makeSource();
	const options = new LazyReadOptions({caller, peek: true, namespace: 'docker.io'}, source);
	t.is(source.asked, 0);
	t.is(options.signal, source.kept);
	t.is(source.asked, 1);
});

test('a copy has all of it, and each of several its own signal', t => {
	const [one, other] = [makeSource(), makeSource()];
	const options = [one, other].map(
		(source): ReadOptions => new LazyReadOptions({caller, storedOnly: true, revalidate: true}, source),
	);
	t.like({...options[0]}, {caller, storedOnly: true, revalidate: true, signal: one.kept});
	t.like({...options[1]}, {caller, storedOnly: true, signal: other.kept});
});
