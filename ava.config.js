export default {
	files: [
		'{core,server}/src/**/*.test.ts',
		'{drivers,plugins}/*/src/**/*.test.ts',
		'test/{kit,servers,spec}/src/**/*.test.ts',
	],
	extensions: {ts: 'module'},
	nodeArguments: ['--conditions=@stowage/source'],
	timeout: '2m',
	concurrency: 2,
};
