const width = 30;

export interface Progress {
	readonly done: number;
	readonly bytes: number;
}

export interface ProgressBarOptions {
	/** What is counted; `blobs` unless told. */
	readonly of?: string;
	/** The one for errors unless told. */
	readonly stream?: NodeJS.WriteStream;
}

/** Shows on a terminal how far something has come; elsewhere it writes a line every so often, for a log. */
export class ProgressBar {
	readonly #stream: NodeJS.WriteStream;
	readonly #total: Progress;
	readonly #of: string;
	readonly #every: number;
	readonly #started = performance.now();
	#shownAt = Number.NEGATIVE_INFINITY;
	#latest: Progress = {done: 0, bytes: 0};

	/** `total` is what was there at the start; more may come. Its bytes are 0 where nobody knows them. */
	constructor(total: Progress, {of = 'blobs', stream = process.stderr}: ProgressBarOptions = {}) {
		this.#total = total;
		this.#of = of;
		this.#stream = stream;
		this.#every = stream.isTTY ? 100 : 30_000;
	}

	show(progress: Progress): void {
		this.#latest = progress;
		if (performance.now() - this.#shownAt >= this.#every) {
			this.#write();
		}
	}

	/** Prints a line on standard output, above the bar. */
	print(line: string): void {
		if (this.#stream.isTTY) {
			this.#stream.write('\r\u001b[K');
		}
		process.stdout.write(line);
	}

	/** The last line stays. */
	end(): void {
		this.#write();
		if (this.#stream.isTTY) {
			this.#stream.write('\n');
		}
	}

	#write(): void {
		this.#shownAt = performance.now();
		const line = progressLine(this.#latest, this.#total, {milliseconds: this.#shownAt - this.#started, of: this.#of});
		this.#stream.write(this.#stream.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
	}
}

/** `[#####.....]  50 %  3 of 6 blobs, 10 of 20 MiB, 5 MiB/s, 2 s left`. */
export function progressLine(
	{done, bytes}: Progress,
	total: Progress,
	{milliseconds, of = 'blobs'}: {readonly milliseconds: number; readonly of?: string},
): string {
	const share = total.bytes > 0 ? Math.min(bytes / total.bytes, 1) : Math.min(done / Math.max(total.done, 1), 1);
	const filled = Math.round(share * width);
	const bar = '#'.repeat(filled) + '.'.repeat(width - filled);
	const percent = String(Math.floor(share * 100)).padStart(3);
	const rate = milliseconds > 0 ? (bytes / milliseconds) * 1000 : 0;
	const left = rate > 0 && total.bytes > 0 ? `, ${Math.ceil(Math.max(total.bytes - bytes, 0) / rate)} s left` : '';
	const [some, all, speed] = [bytes, total.bytes, rate].map(number => (number / 1024 / 1024).toFixed(0));
	const known = total.bytes > 0 ? `${some} of ${all}` : some;
	return `[${bar}] ${percent} %  ${done} of ${total.done} ${of}, ${known} MiB, ${speed} MiB/s${left}`;
}
