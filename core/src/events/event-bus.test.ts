import test from 'ava';
import {parseDigest} from '../oci/digest.ts';
import {parseImageName} from '../oci/image-name.ts';
import type {Logger} from '../types/logger.ts';
import {EventBus} from './event-bus.ts';
import type {RegistryEvent} from './registry-event.ts';

const event: RegistryEvent = {
	type: 'blob.deleted',
	at: new Date(0),
	repository: 'docker-local',
	image: parseImageName('library/alpine'),
	digest: parseDigest(`sha256:${'0'.repeat(64)}`),
};

function ignore(): void {}

function recordingLogger(lines: object[]): Logger {
	const error = (fields: object) => void lines.push(fields);
	return {debug: ignore, info: ignore, warn: ignore, error, child: () => recordingLogger(lines)};
}

async function turn(): Promise<void> {
	await new Promise(resolve => setImmediate(resolve));
}

test('a listener hears the events of its type and no others', async t => {
	const bus = new EventBus(recordingLogger([]));
	const heard: string[] = [];
	bus.on('blob.deleted', ({digest}) => void heard.push(digest));
	bus.on('tag.deleted', () => void heard.push('tag'));
	bus.emit(event);
	await turn();
	t.deepEqual(heard, [`sha256:${'0'.repeat(64)}`]);
});

test('an error in a listener is logged and reaches neither the emitter nor the next listener', async t => {
	const lines: object[] = [];
	const bus = new EventBus(recordingLogger(lines));
	let heard = 0;
	bus.on('blob.deleted', () => {
		throw new Error('synchronous');
	});
	bus.on('blob.deleted', () => Promise.reject(new Error('later')));
	bus.on('blob.deleted', () => void heard++);
	t.notThrows(() => bus.emit(event));
	await turn();
	t.is(heard, 1);
	t.is(lines.length, 2);
});

test('emitting does not run a listener before the emitter has gone on', async t => {
	const bus = new EventBus(recordingLogger([]));
	const order: string[] = [];
	bus.on('blob.deleted', () => void order.push('listener'));
	bus.emit(event);
	order.push('emitter');
	await turn();
	t.deepEqual(order, ['emitter', 'listener']);
});

test('nothing is wanted before somebody listens nor after the last one has stopped', t => {
	const bus = new EventBus(recordingLogger([]));
	t.false(bus.wants('blob.deleted'));
	const stop = bus.on('blob.deleted', () => undefined);
	t.true(bus.wants('blob.deleted'));
	stop();
	t.false(bus.wants('blob.deleted'));
});
