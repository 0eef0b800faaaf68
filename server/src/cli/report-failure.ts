import {ConfigError} from '../config/config-error.ts';

/** From sysexits(3): something was found in an unconfigured or misconfigured state. */
const badConfiguration = 78;

/** Prints on standard error why a command failed, without a stack where the message tells it all. Gives the exit code. */
export function reportFailure(error: unknown): number {
	if (error instanceof ConfigError) {
		const count = error.problems.length;
		process.stderr.write(`${error.message}\n${count} ${count === 1 ? 'problem' : 'problems'} in the configuration\n`);
		return badConfiguration;
	}
	process.stderr.write(`stowage: ${describe(error)}\n`);
	return 1;
}

/** Errors with a code were foreseen; any other is a bug, of which the stack is what helps. */
function describe(error: unknown): string {
	if (!(error instanceof Error)) {
		return String(error);
	}
	return 'code' in error && typeof error.code === 'string' ? error.message : (error.stack ?? error.message);
}
