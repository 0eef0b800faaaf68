import type {Contender} from './contender.ts';

/** What one round on one contender gave, by the name of the quantity. */
export type Sample = Readonly<Partial<Record<Quantity, number>>>;

/** Quantities, with the words of the table. */
export const quantities = {
	cpuMicroseconds: 'CPU us/request',
	databaseMicroseconds: 'database CPU us/request',
	perSecond: 'requests/s',
	megabytesPerSecond: 'MB/s',
	cpuSeconds: 'CPU s',
	milliseconds: 'ms',
	peakMebibytes: 'peak MiB',
} as const;

export type Quantity = keyof typeof quantities;

export interface Scale {
	/** How long a load of small requests lasts. */
	readonly seconds: number;
	readonly rounds: number;
	/** Bytes of a large blob. */
	readonly blobBytes: number;
	/** Images of the catalog, and tags of an image. */
	readonly names: number;
	readonly parallelPushes: number;
}

export interface Benchmark {
	readonly name: string;
	readonly title: string;
	/** Whether one round says all. */
	readonly once?: true;
	/** Puts into a contender what is asked for. Called once for each before the first round. */
	prepare(contender: Contender, scale: Scale): Promise<void>;
	measure(contender: Contender, scale: Scale): Promise<Sample>;
}
