import {constants} from 'node:fs';
import {access, open} from 'node:fs/promises';
import {delimiter, join} from 'node:path';
import type {Program} from './program.ts';

/** Whether the program can be started from a folder of `path`, which is written as in the variable PATH. */
export async function hasProgram(program: Program, path: string): Promise<boolean> {
	for (const folder of path.split(delimiter)) {
		const file = join(folder, program.name);
		const found = await access(file, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (found) {
			return program.static !== true || (await isStatic(file));
		}
	}
	return false;
}

/** A dynamically linked ELF file names its loader near its beginning. */
async function isStatic(file: string): Promise<boolean> {
	await using handle = await open(file);
	const {buffer, bytesRead} = await handle.read(Buffer.alloc(8192), 0, 8192, 0);
	return !/\/ld-(linux|musl)[^\0]*\0/.test(buffer.toString('latin1', 0, bytesRead));
}
