import {readFile, readdir, readlink} from 'node:fs/promises';

/** Process ids of what `pid` started and of what these started, as far as they still have their parents. */
export async function descendantsOf(pid: number, depth = Infinity): Promise<number[]> {
	if (depth === 0) {
		return [];
	}
	const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
	const children = text.split(' ').filter(Boolean).map(Number);
	const below = await Promise.all(children.map(child => descendantsOf(child, depth - 1)));
	return [...children, ...below.flat()];
}

/** Paths of the files that a process has open; none when it has ended. */
export async function openFilesOf(pid: number): Promise<string[]> {
	const folder = `/proc/${pid}/fd`;
	const numbers = await readdir(folder).catch(() => []);
	const paths = await Promise.all(numbers.map(number => readlink(`${folder}/${number}`).catch(() => '')));
	return paths.filter(path => path.startsWith('/'));
}

/** Whether a process has not ended yet. One that nobody has collected has. */
export async function isRunning(pid: number): Promise<boolean> {
	const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
	return text !== '' && !/^\d+ \(.*\) [ZX] /.test(text);
}
