import ipaddr from 'ipaddr.js';
import type {ConfigPath} from './configuration-document.ts';
import type {ConfigurationDraft} from './configuration-draft.ts';

const hostName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** Tells when the text at `path` is no host; gives it when it is a text at all. */
export function checkHost(draft: ConfigurationDraft, path: ConfigPath): string | undefined {
	const host = draft.fitting(path);
	if (typeof host !== 'string') {
		return undefined;
	}
	if (!hostName.test(host) && !ipaddr.isValid(host)) {
		draft.add(path, 'must be a host name without scheme, port or path, such as docker.example');
	}
	return host;
}
