import {ConflictError} from '../metadata/conflict-error.ts';
import type {UploadRecord, UploadRecords} from '../metadata/upload-records.ts';
import {RegistryError} from '../oci/registry-error.ts';

/** How long a process that died keeps others from an upload. Nodes' clocks must agree to within a part of this. */
export const usualClaimMs = 10_000;

/**
 * Being alone with the bytes of an upload, whatever the number of processes: taken before they are touched, renewed
 * while they are, ended with what has come of it. A process that was stopped for so long that its claim ran out
 * touches the bytes no more before it has found that nobody else had them meanwhile.
 */
export class UploadClaim {
	readonly #records: UploadRecords;
	readonly #lost = new AbortController();
	readonly #timer: NodeJS.Timeout;
	readonly #claimMs: number;
	#record: UploadRecord;
	#renewing: Promise<void> = Promise.resolve();

	private constructor(record: UploadRecord, records: UploadRecords, claimMs: number) {
		this.#claimMs = claimMs;
		this.#record = record;
		this.#records = records;
		this.#timer = setInterval(() => {
			// What it rejects with is told when the claim is next asked for.
			this.#queue(() => this.#renew()).catch(() => undefined);
		}, claimMs / 3);
		this.#timer.unref();
	}

	/** Rejects with `UNAVAILABLE` while somebody else has the upload, `BLOB_UPLOAD_UNKNOWN` when it is gone. */
	static async take(record: UploadRecord, records: UploadRecords, claimMs = usualClaimMs): Promise<UploadClaim> {
		const leftMs = (record.claimedUntil?.getTime() ?? 0) - Date.now();
		if (leftMs > 0) {
			throw uploadBusy(record.id, leftMs);
		}
		// Whoever left a claim behind may have written past the offset without knowing of us: its digest is not believed.
		const digestSoFar = record.claimedUntil === undefined ? record.digestSoFar : undefined;
		try {
			const claimedUntil = after(claimMs);
			return new UploadClaim(await records.save({...record, digestSoFar, claimedUntil}), records, claimMs);
		} catch (error) {
			throw await uploadError(error, record.id, records);
		}
	}

	/** As it is stored now. */
	get record(): UploadRecord {
		return this.#record;
	}

	/** Aborts when the claim is lost. */
	get signal(): AbortSignal {
		return this.#lost.signal;
	}

	/**
	 * Undefined while the claim lasts, which is nearly always; else resolves once it does again. Rejects with
	 * `UNAVAILABLE` when somebody else has the upload by then. To be asked before the bytes are touched, or
	 * before whole ones that nobody else can have written count as stored.
	 */
	ready(): Promise<void> | undefined {
		return this.#lasts() ? undefined : this.#queue(() => (this.#lasts() ? Promise.resolve() : this.#renew()));
	}

	/** Makes the claim last for its whole time once more. Rejects when somebody else has, or has ended, the upload by then. */
	renew(): Promise<void> {
		return this.#queue(() => this.#renew());
	}

	/** Ends the renewing, so that the record can be used in a transaction. */
	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#renewing;
	}

	/** Gives the upload back with `changes`. Rejects like `take` when the claim was lost meanwhile. */
	async end(changes: Partial<Pick<UploadRecord, 'state' | 'digestSoFar'>>): Promise<UploadRecord> {
		await this.stop();
		try {
			const given = {...this.#record, ...changes, claimedUntil: undefined};
			this.#record = await this.#records.save(given, {durable: false});
		} catch (error) {
			throw await uploadError(error, this.#record.id, this.#records);
		}
		return this.#record;
	}

	#lasts(): boolean {
		return !this.#lost.signal.aborted && (this.#record.claimedUntil?.getTime() ?? 0) > Date.now();
	}

	/** One after the other, since each save is made from the version of the one before. */
	#queue(work: () => Promise<void>): Promise<void> {
		const queued = this.#renewing.then(work);
		this.#renewing = queued.catch(() => undefined);
		return queued;
	}

	/** Trouble of the database may pass before the claim runs out; a conflict says that it is lost. */
	async #renew(): Promise<void> {
		this.#lost.signal.throwIfAborted();
		try {
			const renewed = {...this.#record, claimedUntil: after(this.#claimMs)};
			this.#record = await this.#records.save(renewed, {durable: false});
		} catch (error) {
			if (error instanceof ConflictError) {
				this.#lost.abort(uploadBusy(this.#record.id));
			}
			throw this.#lost.signal.aborted ? this.#lost.signal.reason : error;
		}
	}
}

/** What a client is told about an upload that another writer has changed or taken away. Other errors stay as they are. */
export async function uploadError(error: unknown, id: string, records: UploadRecords): Promise<unknown> {
	if (!(error instanceof ConflictError)) {
		return error;
	}
	return (await records.find(id)) === undefined ? uploadUnknown(id) : uploadBusy(id);
}

export function uploadUnknown(id: string): RegistryError {
	return new RegistryError('BLOB_UPLOAD_UNKNOWN', 'the upload is not there, or no longer', {detail: {upload: id}});
}

/**
 * Not `BLOB_UPLOAD_INVALID`, by which a client takes the upload for lost: it can go on when the other has ended, or, if that
 * was killed, when its claim has run out. 503 is what clients wait for by themselves.
 */
function uploadBusy(id: string, leftMs = 1000): RegistryError {
	return new RegistryError('UNAVAILABLE', 'another request has this upload', {
		detail: {upload: id},
		headers: {'Retry-After': String(Math.ceil(leftMs / 1000))},
	});
}

function after(milliseconds: number): Date {
	return new Date(Date.now() + milliseconds);
}
