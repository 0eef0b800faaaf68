import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {pinned} from '@stowage/test-servers';
import {processors} from './processors.ts';

const execute = promisify(execFile);

/** Runs a load generator on the client's processor and gives what it printed. */
export async function runClient(program: string, parameters: readonly string[]): Promise<string> {
	const command = pinned(processors.client, program, parameters);
	const {stdout} = await execute(command.program, command.parameters, {maxBuffer: 16 * 1024 * 1024});
	return stdout;
}
