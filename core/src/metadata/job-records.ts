import type {Json} from '../types/json.ts';

export interface JobClaim {
	readonly name: string;
	/** Who claims: another word for every process. */
	readonly owner: string;
	/** How long the claim lasts unless it is renewed. */
	readonly leaseMs: number;
	/** Refused when the last run began less than this ago, on whatever node. */
	readonly intervalMs: number;
}

/** How a job stands, on whatever node. */
export interface JobState {
	readonly running: boolean;
	/** Of the last run, or the one that is under way. Undefined: it has never run. */
	readonly startedAt?: Date;
	/** Of the last run that ended. */
	readonly finishedAt?: Date;
	/** Message of the error that ended that. */
	readonly error?: string;
	/** What it told last. */
	readonly report?: Json;
}

export interface JobRecords {
	/** True for one caller at a time: whoever gets it runs the job. The database's clock counts, not the node's. */
	claim(claim: JobClaim): Promise<boolean>;
	/** False when the lease was lost: the run must stop. */
	renew(name: string, owner: string, leaseMs: number): Promise<boolean>;
	/** Ends the lease and remembers how the run went; `error` is its message. */
	finish(name: string, owner: string, error?: string): Promise<void>;
	find(name: string): Promise<JobState>;
	/** What a run has done so far; whoever goes on with it later, and whoever asks, finds it. */
	saveReport(name: string, report: Json): Promise<void>;
}
