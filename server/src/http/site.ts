/** What a host, a port and a trusted proxy say about a request, whatever its path. */
export interface Site {
	/** Host and port as the client typed them. */
	readonly host: string;
	/** Scheme, host and perhaps a path, without a slash at the end: what absolute addresses begin with. */
	readonly origin: string;
	/** Whether addresses in answers must be absolute, because somebody said how clients reach this server. */
	readonly absolute: boolean;
	/** Repository keys by protocol; undefined where the path names the repository. */
	readonly bound?: Readonly<Record<string, string>>;
}

/** Absolute address of a path of this server as the client of `site` reaches it. */
export function absoluteUrl(site: Site, path: string): string {
	const slash = site.origin.indexOf('/', site.origin.indexOf('//') + 2);
	if (slash < 0) {
		return site.origin + path;
	}
	const base = site.origin.slice(slash);
	return path.startsWith(`${base}/`) ? site.origin.slice(0, slash) + path : site.origin + path;
}
