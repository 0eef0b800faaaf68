/** How Node runs the registry, and what is measured of its parts, from the sources: as `npm start` does. */
export const registryNode = {
	parameters: ['--max-semi-space-size=4', '--conditions=@stowage/source'],
	environment: {MALLOC_ARENA_MAX: '1'},
} as const;
