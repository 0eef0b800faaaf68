/** A program that should have started, or have ended, and did not. The message holds the end of what it printed. */
export class ProcessFailure extends Error {
	readonly code = 'PROCESS_FAILED';

	constructor(program: string, trouble: string, output: string) {
		super(`${program}: ${trouble}${output === '' ? '' : `\n${output}`}`);
		this.name = 'ProcessFailure';
	}
}
