import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';

const main = join(import.meta.dirname, 'main.ts');

/** A command of ours that runs as a process of its own. */
export interface StowageProcess {
	readonly pid: number;
	/** What it has printed so far. */
	readonly printed: {stdout: string; stderr: string};
	readonly exit: Promise<number | null>;
	/** Resolves to the base URL once the start message is there; rejects when the process ends before. */
	listening(): Promise<string>;
	kill(signal: NodeJS.Signals): void;
}

/** A folder for one test, and what starts commands in it, with nothing of this process's environment that concerns them. */
export async function makeStowageFolder(t: ExecutionContext) {
	const folder = await mkdtemp(join(tmpdir(), 'stowage-cli-'));
	t.teardown(() => rm(folder, {recursive: true, force: true}));
	const run = (parameters: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
		start(t, {folder, parameters, environment: {PATH: process.env.PATH, HOME: folder, ...environment}});
	return {folder, run};
}

interface StartOptions {
	readonly folder: string;
	readonly parameters: readonly string[];
	readonly environment: NodeJS.ProcessEnv;
}

function start(t: ExecutionContext, {folder, parameters, environment}: StartOptions): StowageProcess {
	const child = spawn(process.execPath, ['--conditions=@stowage/source', main, ...parameters], {
		cwd: folder,
		env: environment,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const printed = {stdout: '', stderr: ''};
	child.stdout.on('data', (text: Buffer) => (printed.stdout += text.toString()));
	child.stderr.on('data', (text: Buffer) => (printed.stderr += text.toString()));
	const exit = once(child, 'close').then(([code]) => code as number | null);
	t.teardown(async () => {
		child.kill('SIGKILL');
		await exit;
	});
	const listening = async () => {
		while (child.exitCode === null) {
			const url = /listens on (\S+)/.exec(printed.stderr)?.[1];
			if (url !== undefined) {
				return url;
			}
			await wait(5);
		}
		throw new Error(`ended before it listened: ${printed.stderr}`);
	};
	return {pid: child.pid ?? 0, printed, exit, listening, kill: signal => void child.kill(signal)};
}
