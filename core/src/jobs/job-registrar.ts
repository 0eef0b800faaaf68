import type {Abortable} from '../types/abortable.ts';

/** Where work is handed in that is done now and then, by one node at a time. */
export interface JobRegistrar {
	/** A run that throws is logged and tried again at the next turn. */
	every(interval: {readonly minutes: number}, name: string, run: (options: Required<Abortable>) => Promise<void>): void;
}
