import {availableParallelism} from 'node:os';

/** Which processors do what: on one processor everything shares it, and nothing is pinned. */
export const processors = availableParallelism() > 1 ? {server: 0, client: 1} : {};
