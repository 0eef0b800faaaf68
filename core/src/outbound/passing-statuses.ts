/** What servers say that are down or restarting, and those in front of them: it may pass. */
export const passingStatuses: ReadonlySet<number> = new Set([502, 503, 504]);
