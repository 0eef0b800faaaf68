import type {Quota} from '@stowage/core';

/** From this part of a quota on it is told that there is little left. */
const nearly = 0.9;

/** What to tell who pushes when what is held comes near to what may be; undefined when there is room. */
export function findQuotaWarning(quota: Quota = {}, held: Quota = {}): string | undefined {
	for (const part of ['repository', 'image'] as const) {
		const [limit, bytes = 0] = [quota[part], held[part]];
		if (limit !== undefined && bytes >= limit * nearly) {
			const percent = limit === 0 ? 100 : Math.floor((100 * bytes) / limit);
			return `${percent} % of the quota of this ${part} are used: ${bytes} of ${limit} bytes`;
		}
	}
	return undefined;
}
