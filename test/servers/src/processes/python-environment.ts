import {access} from 'node:fs/promises';
import {join} from 'node:path';
import {ProcessFailure} from './process-failure.ts';

const environment = join(import.meta.dirname, '../../../../node_modules/.cache/python');

/**
 * Path of a file in the virtual environment of Python that the tests have, as `bin/moto_server`. Rejects with a
 * `ProcessFailure` that says how it comes there when it is missing.
 */
export async function pythonFile(path: string): Promise<string> {
	const file = join(environment, path);
	try {
		await access(file);
		return file;
	} catch {
		throw new ProcessFailure(file, 'is not installed: "node test/run.ts unit" gets it from PyPI', '');
	}
}
