import {type Readable, finished} from 'node:stream';

/**
 * Gives each piece of `body` to `take`, and waits for its promise, if it gives one, before the next. Resolves when the
 * body has ended, or `enough` says so after a piece. Listens instead of iterating, which costs a promise or two for each
 * piece (measured). Once settled, nothing that `take` gave is under way; the body is paused, and its opener's to drain
 * or destroy.
 */
export async function takePieces(
	body: Readable,
	take: (piece: Buffer) => Promise<void> | undefined,
	enough: () => boolean = () => false,
): Promise<void> {
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	let taken: Promise<void> | undefined;
	const takeNext = (piece: Buffer) => {
		try {
			taken = take(piece);
		} catch (error) {
			stop();
			reject(error);
			return;
		}
		if (enough()) {
			stop();
			resolve();
		} else if (taken !== undefined) {
			body.pause();
			taken.then(() => body.resume(), reject);
		}
	};
	// At once: a body may give several pieces before anybody who waits hears of it.
	const stop = () => body.off('data', takeNext).pause();
	const forget = finished(body, {writable: false}, error => (error ? reject(error) : resolve()));
	body.on('data', takeNext).resume();
	try {
		await promise;
		await taken;
	} finally {
		forget();
		stop();
		await taken?.catch(() => undefined);
	}
}
