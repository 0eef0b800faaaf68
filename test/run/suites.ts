import {type Program, programs} from '../install/program.ts';
import {pythonPackages} from '../install/python-packages.ts';

/** Tests that run together, with one call of ava. */
export interface Suite {
	readonly name: string;
	readonly programs: readonly Program[];
	/** From PyPI. */
	readonly pythonPackages?: readonly string[];
	/** Files, and options of ava. */
	readonly parameters: readonly string[];
	/** Whether they start container engines, which only root can. */
	readonly root?: true;
}

export const suites: readonly Suite[] = [
	{
		name: 'unit',
		programs: programs.unit,
		pythonPackages,
		parameters: [
			'{core,server}/src/**/*.test.ts',
			'{drivers,plugins}/*/src/**/*.test.ts',
			'test/{bench,kit,servers}/src/**/*.test.ts',
			'test/{install,run}/**/*.test.ts',
		],
	},
	{name: 'spec', programs: programs.spec, parameters: ['test/spec/src/**/*.test.ts', 'examples/*/*.test.ts']},
	{
		name: 'crash',
		programs: programs.crash,
		parameters: ['test/crash/src/**/*.test.ts', '--concurrency=1', '--timeout=5m'],
	},
	{
		name: 'clients',
		programs: programs.clients,
		pythonPackages,
		parameters: ['test/clients/src/**/*.test.ts', '--serial', '--timeout=5m'],
		root: true,
	},
];
