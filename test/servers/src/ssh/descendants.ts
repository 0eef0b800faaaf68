import {readFile} from 'node:fs/promises';

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
