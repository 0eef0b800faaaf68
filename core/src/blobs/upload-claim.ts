import {ConflictError} from '../metadata/conflict-error.ts';
import type {UploadRecord, UploadRecords} from '../metadata/upload-records.ts';
import {RegistryError} from '../oci/registry-error.ts';

/** How long a process that died keeps others from an upload. Nodes' clocks must agree to within a part of this. */
export const usualClaimMs = 10_000;

/**
 * Being alone with the bytes of an upload, whatever the number of processes: taken before they are touched, renewed
 * while they are, ended with what has come of it. A process that was stopped for so long that its claim ran out
 * touches the bytes no more.
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
			this.#renewing = this.#renewing.then(() => this.#renew());
		}, claimMs / 3);
		this.#timer.unref();
	}

	/** Rejects with `BLOB_UPLOAD_INVALID` when somebody else has the upload, `BLOB_UPLOAD_UNKNOWN` when it is gone. */
	static async take(record: UploadRecord, records: UploadRecords, claimMs = usualClaimMs): Promise<UploadClaim> {
		if (record.claimedUntil !== undefined && record.claimedUntil.getTime() > Date.now()) {
			throw uploadBusy(record.id);
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

	/** Throws `BLOB_UPLOAD_INVALID` when the claim has run out or was lost. */
	check(): void {
		if (this.#lost.signal.aborted || (this.#record.claimedUntil?.getTime() ?? 0) <= Date.now()) {
			throw uploadBusy(this.#record.id);
		}
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
			this.#record = await this.#records.save({...this.#record, ...changes, claimedUntil: undefined});
		} catch (error) {
			throw await uploadError(error, this.#record.id, this.#records);
		}
		return this.#record;
	}

	async #renew(): Promise<void> {
		try {
			this.#record = await this.#records.save({...this.#record, claimedUntil: after(this.#claimMs)});
		} catch (error) {
			// Any other trouble of the database may pass before the claim runs out.
			if (error instanceof ConflictError) {
				this.#lost.abort(uploadBusy(this.#record.id));
			}
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

function uploadBusy(id: string): RegistryError {
	return new RegistryError('BLOB_UPLOAD_INVALID', 'another request is writing to this upload', {detail: {upload: id}});
}

function after(milliseconds: number): Date {
	return new Date(Date.now() + milliseconds);
}
