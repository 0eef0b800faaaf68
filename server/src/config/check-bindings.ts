import {checkHost} from './check-host.ts';
import type {ConfigPath} from './configuration-document.ts';
import type {ConfigurationDraft} from './configuration-draft.ts';

const members: ReadonlySet<string> = new Set(['host', 'port', 'repositories']);

/** Whether each binding has one host or port, which is no other's. */
export function checkBindings(draft: ConfigurationDraft, listenPort: number | undefined): void {
	const seen = new Set<unknown>();
	for (const index of draft.keys(['bindings'])) {
		const path = ['bindings', index];
		const binding = draft.mapping(path);
		if (binding === undefined) {
			continue;
		}
		const misspelt = Object.keys(binding).some(key => !members.has(key));
		if (!misspelt && 'host' in binding === 'port' in binding) {
			draft.add(path, 'must have either a host or a port');
		}
		const address = checkHost(draft, [...path, 'host'])?.toLowerCase() ?? checkPort(draft, path, listenPort);
		if (address !== undefined && seen.has(address)) {
			draft.add(path, `${address} is bound already`);
		}
		seen.add(address);
	}
}

function checkPort(draft: ConfigurationDraft, path: ConfigPath, listenPort: number | undefined): number | undefined {
	const port = draft.fitting([...path, 'port']);
	if (typeof port !== 'number') {
		return undefined;
	}
	if (port === listenPort) {
		draft.add([...path, 'port'], 'is the port of "listen"; bind another one');
	}
	return port;
}
