import {randomInt} from 'node:crypto';
import {BrokenPromise, expectStatus} from './broken-promise.ts';
import type {Answer, Call} from './connection.ts';
import type {Pusher} from './pusher.ts';
import {digestOf} from './random-image.ts';
import {UploadBusy} from './upload-busy.ts';

/** How long a killed process may keep others from an upload. */
const longestClaimSeconds = 10;

/** The upload of one blob, which goes on after a crash from where the registry says it stands. */
export class PersistentUpload {
	readonly #pusher: Pusher;
	readonly #image: string;
	readonly #bytes: Buffer;
	readonly #digest: string;
	readonly #patient = randomInt(4) === 0;
	#location: string | undefined;
	/** What was acknowledged of it, and what was sent of it at most. */
	#acknowledged = 0;
	#sent = 0;
	/** Whether it has waited as it was told, and sent nothing since. */
	#waited = false;

	constructor(pusher: Pusher, image: string, bytes: Buffer) {
		this.#pusher = pusher;
		this.#image = image;
		this.#bytes = bytes;
		this.#digest = digestOf(bytes);
	}

	/** Does all that is left to do. Rejects with `ConnectionLost` or `UploadBusy` after a crash, and may be called again then. */
	async push(): Promise<void> {
		const known = await this.#pusher.call('blob', 'HEAD', `/v2/${this.#image}/blobs/${this.#digest}`);
		if (known.status !== 404) {
			expectStatus('HEAD of a blob', known, 200);
			return;
		}
		await this.pushPart(this.#bytes.length);
		const target = `${this.#location}${this.#location!.includes('?') ? '&' : '?'}digest=${this.#digest}`;
		const answer = await this.#write('PUT', target);
		expectStatus('end of an upload', answer, 201);
	}

	/** Sends what is missing up to `end`, in pieces of odd sizes. */
	async pushPart(end: number): Promise<void> {
		await (this.#location === undefined ? this.#start() : this.check());
		while (this.#acknowledged < end) {
			await this.#append(Math.min(end, this.#acknowledged + randomInt(20_000, 1_000_000)));
		}
	}

	/** Asks where the upload stands. It must have all that was acknowledged, and may have all that was sent. */
	async check(): Promise<void> {
		const answer = await this.#pusher.call('blob', 'GET', this.#location!);
		expectStatus('status of an upload', answer, 204);
		const last = Number(answer.range!.split('-')[1]);
		const length = last === 0 ? 0 : last + 1;
		if (length < this.#acknowledged || length > this.#sent) {
			throw new BrokenPromise(
				`an upload of which ${this.#acknowledged} of ${this.#sent} bytes were acknowledged`,
				answer,
			);
		}
		this.#acknowledged = length;
		this.#pusher.journal.resumed += 1;
	}

	async #start(): Promise<void> {
		const answer = await this.#pusher.call('blob', 'POST', `/v2/${this.#image}/blobs/uploads/`);
		expectStatus('start of an upload', answer, 202);
		this.#location = answer.location;
	}

	async #append(end: number): Promise<void> {
		const start = this.#acknowledged;
		this.#sent = Math.max(this.#sent, end);
		const answer = await this.#write('PATCH', this.#location!, {
			headers: {'content-type': 'application/octet-stream', 'content-range': `${start}-${end - 1}`},
			body: this.#bytes.subarray(start, end),
		});
		expectStatus('append to an upload', answer, 202);
		this.#acknowledged = end;
		this.#location = answer.location ?? this.#location;
		this.#pusher.journal.appends += 1;
	}

	async #write(method: 'PATCH' | 'PUT', target: string, call?: Call): Promise<Answer> {
		const waited = this.#waited;
		this.#waited = false;
		const answer = await this.#pusher.call('blob', method, target, call);
		if (answer.status === 503) {
			this.#waitAsTold(answer, waited);
		}
		return answer;
	}

	/** Most clients begin anew then, some wait: both must be able to go on, the latter after the time that they are told. */
	#waitAsTold(answer: Answer, waited: boolean): never {
		const seconds = answer.retryAfter ?? Number.NaN;
		if (!(seconds > 0 && seconds <= longestClaimSeconds)) {
			throw new BrokenPromise('an upload that is kept for nobody knows how long', answer);
		}
		if (waited) {
			throw new BrokenPromise('an upload that is still kept after the time that was told', answer);
		}
		if (!this.#patient) {
			[this.#location, this.#acknowledged, this.#sent] = [undefined, 0, 0];
			throw new UploadBusy(0);
		}
		this.#waited = true;
		// Timers may be early by a little.
		throw new UploadBusy(seconds * 1000 + 10);
	}
}
