#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --min-semi-space-size=4 --max-semi-space-size=4
import cluster from 'node:cluster';
import module from 'node:module';
import {homedir} from 'node:os';
import {join} from 'node:path';
import v8 from 'node:v8';

if (Number.parseInt(process.versions.node, 10) < 24) {
	console.error(`stowage needs Node 24 or newer, and this is ${process.versions.node}`);
	process.exit(1);
}
// V8 would let garbage grow to several times what is in use before it looks for it.
v8.setFlagsFromString('--heap-growing-percent=50');
// Before anything else is imported: what was compiled once is then loaded from a file, in a folder that is this user's.
// This file is JavaScript so that a start needs no compiler of TypeScript, which stays in memory with 15 MiB.
// As a variable it counts for threads and processes that are started from here, too.
process.env['NODE_COMPILE_CACHE'] ||= join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'stowage');
module.enableCompileCache();
// Whoever imports `node:http` as a module reads all its properties, and these load Node's HTTP client of 12 MiB in 50 ms.
const http = process.getBuiltinModule('node:http');
for (const name of ['WebSocket', 'CloseEvent', 'MessageEvent']) {
	Reflect.deleteProperty(http, name);
}
const {runProgram} = await import('./program.ts');
process.exitCode = await runProgram(process.argv);
if (process.exitCode !== 0) {
	const {endProcess} = await import('./end-process.ts');
	endProcess(process.exitCode);
}
// The channel to the process that started this one would keep it running.
cluster.worker?.disconnect();
