/** Waits for work that others wait for too: the signal ends the waiting, not the work. */
export async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
	if (signal === undefined) {
		return work;
	}
	if (signal.aborted) {
		// However it ends, nobody listens any more.
		work.catch(() => undefined);
		throw signal.reason;
	}
	const aborted = Promise.withResolvers<never>();
	const abort = () => aborted.reject(signal.reason as Error);
	signal.addEventListener('abort', abort, {once: true});
	try {
		return await Promise.race([work, aborted.promise]);
	} finally {
		signal.removeEventListener('abort', abort);
	}
}
