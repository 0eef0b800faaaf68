import {bundleProgram} from './server/bundler/bundle-program.ts';

// What tests start as a process is what `npm start` runs.
await bundleProgram();

export default {
	files: [
		'{core,server}/src/**/*.test.ts',
		'{drivers,plugins}/*/src/**/*.test.ts',
		'test/*/src/**/*.test.ts',
		'examples/*/*.test.ts',
		'{server/bundler,test/install,test/run}/**/*.test.ts',
	],
	extensions: ['ts'],
	nodeArguments: ['--conditions=@stowage/source'],
	timeout: '2m',
	// Two processors, and tests that wait for disks and clocks.
	concurrency: 3,
};
