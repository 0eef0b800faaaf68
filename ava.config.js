export default {
	files: [
		'{core,server}/src/**/*.test.ts',
		'{drivers,plugins}/*/src/**/*.test.ts',
		'test/*/src/**/*.test.ts',
		'examples/*/*.test.ts',
		'test/{install,run}/**/*.test.ts',
	],
	extensions: ['ts'],
	nodeArguments: ['--conditions=@stowage/source'],
	timeout: '2m',
	concurrency: 2,
};
