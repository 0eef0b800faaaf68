import {access, rm, writeFile} from 'node:fs/promises';
import type {Run} from '../run/children.ts';
import {asRoot} from './as-root.ts';
import {hasProgram} from './find-program.ts';
import type {Program} from './program.ts';

const servicePolicy = '/usr/sbin/policy-rc.d';

/** Programs that a suite needs, that are not there and that could not be installed. */
export class MissingProgramsError extends Error {
	readonly code = 'PROGRAMS_MISSING';

	constructor(missing: readonly Program[], reason: string) {
		const names = missing.map(({name, package: origin}) => `  ${name} (Debian package ${origin})`);
		super(`these programs are needed and missing:\n${names.join('\n')}\n${reason}`);
		this.name = 'MissingProgramsError';
	}
}

/** Makes sure that all programs are there, with Debian's packages if need be. Rejects with `MissingProgramsError`. */
export async function installPrograms(programs: readonly Program[], path: string, run: Run): Promise<void> {
	const missing = await missingOf(programs, path);
	if (missing.length === 0) {
		return;
	}
	const packages = [...new Set(missing.map(({package: name}) => name))];
	console.log(`# installing ${packages.join(' ')}`);
	const reason = await withoutStartingServices(run, () => install(packages, run));
	const still = await missingOf(programs, path);
	if (still.length > 0) {
		throw new MissingProgramsError(
			still,
			reason ?? 'apt-get installed the packages, and they do not bring the programs',
		);
	}
}

async function missingOf(programs: readonly Program[], path: string): Promise<Program[]> {
	const there = await Promise.all(programs.map(program => hasProgram(program, path)));
	return programs.filter((_, index) => !there[index]);
}

/** What went wrong, or undefined. */
async function install(packages: readonly string[], run: Run): Promise<string | undefined> {
	const environment = {DEBIAN_FRONTEND: 'noninteractive'};
	for (const step of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
		const command = asRoot(['apt-get', '--quiet', '--quiet', ...step], environment);
		const status = await run(command, {environment});
		if (status !== 0) {
			return `"${command.join(' ')}" failed with ${status}; install the packages as root, or let this run as root or with sudo that needs no password`;
		}
	}
	return undefined;
}

/** Debian's packages start the daemons they bring unless this file says no. One that is there already is left as it is. */
async function withoutStartingServices<T>(run: Run, work: () => Promise<T>): Promise<T> {
	const present = await access(servicePolicy).then(
		() => true,
		() => false,
	);
	if (present) {
		return work();
	}
	const root = process.getuid?.() === 0;
	await (root
		? writeFile(servicePolicy, '#!/bin/sh\nexit 101\n', {mode: 0o755})
		: run(asRoot(['sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' >${servicePolicy} && chmod 755 ${servicePolicy}`])));
	try {
		return await work();
	} finally {
		await (root ? rm(servicePolicy, {force: true}) : run(asRoot(['rm', '-f', servicePolicy])));
	}
}
