import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {buffer} from 'node:stream/consumers';

/** A program that a test ran and that failed. `output` is all it printed. */
export class CommandError extends Error {
	readonly code = 'COMMAND_FAILED';
	readonly output: string;

	constructor(command: readonly string[], status: number | string, output: string) {
		super(`${command.join(' ')}: ended with ${status}\n${output}`);
		this.name = 'CommandError';
		this.output = output;
	}
}

export interface CommandOptions {
	readonly environment?: NodeJS.ProcessEnv;
	readonly folder?: string;
	/** What an error shows instead of the command. */
	readonly shown?: readonly string[];
	/** What the program reads from its standard input. */
	readonly input?: string;
}

const withinMs = 120_000;

/** Runs a program to its end and gives what it printed to its standard output. Rejects with `CommandError` when it fails or takes two minutes. */
export async function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<Buffer> {
	const child = spawn(command[0]!, command.slice(1), {
		cwd: options.folder,
		env: options.environment,
		stdio: ['pipe', 'pipe', 'pipe'],
		timeout: withinMs,
		killSignal: 'SIGKILL',
	});
	// A program that ends without reading its input is judged by its exit status.
	child.stdin.on('error', () => undefined);
	child.stdin.end(options.input);
	const [output, errors] = await Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'close')]);
	if (child.exitCode !== 0) {
		throw new CommandError(
			options.shown ?? command,
			child.exitCode ?? child.signalCode ?? 'an unknown state',
			Buffer.concat([output, errors]).toString(),
		);
	}
	return output;
}
