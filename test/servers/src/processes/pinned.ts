/** The command that runs `program` on one processor only, or as it is without `cpu`. The process id is the program's own. */
export function pinned(
	cpu: number | undefined,
	program: string,
	parameters: readonly string[],
): {program: string; parameters: string[]} {
	return cpu === undefined
		? {program, parameters: [...parameters]}
		: {program: 'taskset', parameters: ['-c', String(cpu), program, ...parameters]};
}
