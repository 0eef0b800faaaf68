import type {AuditLog, AuditedChange, BegunChange, Json} from '@stowage/core';

/** Answers that say that the gate, asked once more by the handler, did not let it be: no change, but a refusal. */
const refusals: ReadonlySet<number> = new Set([401, 403, 429]);

export interface RequestChangeParts {
	readonly log: AuditLog;
	readonly change: AuditedChange;
	/** Whether its row must be there before anything happens; otherwise only what succeeded gets one. */
	readonly ahead: boolean;
}

/** What one request changes, on its way through the server. */
export class RequestChange {
	readonly #parts: RequestChangeParts;
	#begun: BegunChange | undefined;
	#details: Readonly<Record<string, Json>> | undefined;
	#ended = false;

	constructor(parts: RequestChangeParts) {
		this.#parts = parts;
	}

	/** Rejects when the row cannot be stored: then nothing may be changed. */
	async begin(): Promise<void> {
		const {log, change, ahead} = this.#parts;
		this.#begun = ahead ? await log.begin(change) : undefined;
	}

	/** What the entry shall say besides the path. Never a secret. */
	tell(details: Readonly<Record<string, Json>>): void {
		this.#details = {...this.#details, ...details};
	}

	/** To be called before the answer is sent where that can be; only the first call counts. Never rejects. */
	async finish(status: number): Promise<void> {
		if (this.#ended) {
			return;
		}
		this.#ended = true;
		const {log, change} = this.#parts;
		if (this.#begun === undefined) {
			await (status < 400 ? log.add({...change, details: this.#details}, status) : undefined);
		} else if (refusals.has(status)) {
			await this.#begun.drop();
		} else {
			await this.#begun.finish(status, this.#details);
		}
	}
}
