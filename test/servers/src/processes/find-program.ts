import {access, constants} from 'node:fs/promises';
import {delimiter, join} from 'node:path';
import {ProcessFailure} from './process-failure.ts';

/**
 * Path of an installed program; servers are often outside of the PATH of those who are not root. Rejects with a
 * `ProcessFailure` that names `debianPackage` when it is not installed.
 */
export async function findProgram(name: string, debianPackage: string): Promise<string> {
	for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']) {
		const file = join(folder, name);
		try {
			await access(file, constants.X_OK);
			return file;
		} catch {
			continue;
		}
	}
	throw new ProcessFailure(name, `is not installed: Debian has it in the package ${debianPackage}`, '');
}
