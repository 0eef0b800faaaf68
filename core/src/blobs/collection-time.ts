/**
 * Holds from before this can be ended. An answer that a blob exists renews a hold whose age is half of the grace period,
 * and not a younger one, so that a promise may have been given until then, for a whole period.
 */
export function collectionTime(gracePeriodMs: number): Date {
	return new Date(Date.now() - 1.5 * gracePeriodMs);
}
