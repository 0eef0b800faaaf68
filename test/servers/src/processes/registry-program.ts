import {join} from 'node:path';
import {registryNode} from './registry-node.ts';

const main = join(import.meta.dirname, '../../../../server/bundle/main.js');

/** The registry's program, as `npm start` runs it: bundled, which the configuration of ava sees to. */
export const registryProgram = {
	program: process.execPath,
	/** Before the command. */
	parameters: [...registryNode.parameters, '--conditions=@stowage/bundle', main],
	environment: registryNode.environment,
} as const;
