import {readFile, writeFile} from 'node:fs/promises';

/** Forgets the peak so far, as far as the system lets us. */
export async function forgetPeakMemory(pid: number): Promise<void> {
	await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** The most memory in MiB that was resident for a process since its start, or since `forgetPeakMemory`. */
export async function peakMemory(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}
