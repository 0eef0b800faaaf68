import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {asRoot} from '../install/as-root.ts';
import type {Run} from './children.ts';

/** What ends with the program that started it needs a moment longer than that program. */
const patienceMs = 5000;

/** Removes a folder and what is mounted below it, and tells what was left in it. */
export async function removeLeftBehind(folder: string, run: Run): Promise<string[]> {
	let names = await readdir(folder);
	for (const deadline = Date.now() + patienceMs; names.length > 0 && Date.now() < deadline;) {
		await sleep(100);
		names = await readdir(folder);
	}
	for (const place of (await mountsBelow(folder)).toReversed()) {
		await run(asRoot(['umount', '--lazy', place]));
	}
	await run(asRoot(['rm', '-rf', '--one-file-system', folder]));
	return names.map(name => join(folder, name));
}

async function mountsBelow(folder: string): Promise<string[]> {
	const table = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
	const places = table.split('\n').map(line => line.split(' ')[1] ?? '');
	return places.filter(place => place.startsWith(`${folder}/`));
}
