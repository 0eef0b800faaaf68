import {readdir, rmdir} from 'node:fs/promises';
import {join} from 'node:path';

const top = '/sys/fs/cgroup';

/** Removes the control group `name` and those in it, below every controller. */
export async function removeCgroups(name: string): Promise<void> {
	const controllers = await readdir(top);
	// Version 2 has the groups at the top itself; with version 1 every controller has a tree of its own.
	for (const place of [join(top, name), ...controllers.map(controller => join(top, controller, name))]) {
		await removeTree(place);
	}
}

async function removeTree(folder: string): Promise<void> {
	const entries = await readdir(folder, {withFileTypes: true}).catch(() => []);
	for (const entry of entries) {
		if (entry.isDirectory()) {
			await removeTree(join(folder, entry.name));
		}
	}
	await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
		// Some controllers are links to the same tree.
		if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
			throw error;
		}
	});
}
