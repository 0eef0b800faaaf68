/** What servers say that are down or restarting, and those in front of them. */
export const downStatuses: ReadonlySet<number> = new Set([502, 503, 504]);
