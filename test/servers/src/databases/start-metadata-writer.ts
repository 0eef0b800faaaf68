import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {MetadataWriterTask} from './metadata-writer.ts';

/** Another process that writes to a database. */
export interface MetadataWriter {
	/** How many manifests it has been told are stored. */
	readonly acknowledged: () => number;
	/** Resolves to how the process ended. */
	readonly ended: Promise<{readonly code: number | null; readonly output: string}>;
	/** `kill -9`. Resolves when the process is gone. */
	readonly kill: () => Promise<void>;
}

export function startMetadataWriter(task: MetadataWriterTask): MetadataWriter {
	const program = join(import.meta.dirname, 'metadata-writer.ts');
	const child = spawn(process.execPath, ['--conditions=@stowage/source', program, JSON.stringify(task)], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let acknowledged = 0;
	let output = '';
	createInterface(child.stdout).on('line', () => acknowledged++);
	createInterface(child.stderr).on('line', line => {
		output += `${line}\n`;
	});
	const ended = whenClosed(child);
	return {
		acknowledged: () => acknowledged,
		ended: ended.then(code => ({code, output})),
		kill: async () => {
			child.kill('SIGKILL');
			await ended;
		},
	};
}

async function whenClosed(child: ChildProcess): Promise<number | null> {
	const [code] = (await once(child, 'close')) as [number | null];
	return code;
}
