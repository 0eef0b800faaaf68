import {readFile} from 'node:fs/promises';

/** `USER_HZ`: the unit of times in /proc on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Seconds of processor time (user and system, all threads) that a process has used so far. In steps of 10 ms. */
export async function cpuSeconds(pid: number): Promise<number> {
	const line = await readFile(`/proc/${pid}/stat`, 'latin1');
	// The second field is the program's name in brackets and may hold anything; proc(5) counts utime as 14, stime as 15.
	const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
