import type {Readable} from 'node:stream';

/** Longer than the end of an answer takes that is on its way already. */
const withinMs = 1000;

/** Lets what is left of an answer go by, so that its connection can be used again; ends it when that takes long. */
export function discardBody(body: Readable): void {
	if (body.destroyed) {
		return;
	}
	const timer = setTimeout(() => body.destroy(), withinMs);
	timer.unref();
	body.on('error', () => undefined);
	body.once('close', () => clearTimeout(timer));
	body.resume();
}
