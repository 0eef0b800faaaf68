#!/usr/bin/env node
import module from 'node:module';

if (Number.parseInt(process.versions.node, 10) < 24) {
	console.error(`stowage needs Node 24 or newer, and this is ${process.versions.node}`);
	process.exit(1);
}
// Before anything else is imported: what was compiled once is then loaded from a file.
module.enableCompileCache();
const {runProgram} = await import('./program.ts');
process.exitCode = await runProgram(process.argv);
