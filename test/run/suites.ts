import {type Program, programs} from '../install/program.ts';
import {pythonPackages} from '../install/python-packages.ts';

/** Tests that run together, with one call of ava or several. */
export interface Suite {
	readonly name: string;
	readonly programs: readonly Program[];
	/** From PyPI. */
	readonly pythonPackages?: readonly string[];
	/** Files, and options of ava. */
	readonly parameters: readonly string[];
	/** Files of calls of ava that run at the same time, each with `parameters` too, where one would leave a processor idle. */
	readonly parts?: readonly (readonly string[])[];
	/** Whether they start container engines, which only root can. */
	readonly root?: true;
}

const besideStorages = '@(containerd|docker|remote|single-sign-on|v1|v1-migration|virtual)';

export const suites: readonly Suite[] = [
	{
		name: 'unit',
		programs: programs.unit,
		pythonPackages,
		parameters: [
			'{core,server}/src/**/*.test.ts',
			'{drivers,plugins}/*/src/**/*.test.ts',
			'test/{bench,kit,servers}/src/**/*.test.ts',
			'{server/bundler,test/install,test/run}/**/*.test.ts',
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
		parameters: ['--serial', '--timeout=5m'],
		parts: [
			['test/clients/src/remote-storages.test.ts'],
			[`test/clients/src/${besideStorages}.test.ts`],
			[`test/clients/src/!(remote-storages|${besideStorages}).test.ts`],
		],
		root: true,
	},
];
