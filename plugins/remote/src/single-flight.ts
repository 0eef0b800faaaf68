/** Does for each name one piece of work at a time, which all who ask meanwhile share. */
export class SingleFlight<Result> {
	readonly #running = new Map<string, Promise<Result>>();

	run(name: string, work: () => Promise<Result>): Promise<Result> {
		const running = this.#running.get(name);
		if (running !== undefined) {
			return running;
		}
		const started = work().finally(() => this.#running.delete(name));
		this.#running.set(name, started);
		return started;
	}
}
