/** How Node runs the registry, and what is measured of its parts: as `npm start` does. */
export const registryNode = {
	parameters: ['--min-semi-space-size=4', '--max-semi-space-size=4'],
	environment: {MALLOC_ARENA_MAX: '1'},
} as const;
