import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {bundleProgram} from '../server/bundler/bundle-program.ts';
import {installPrograms} from './install/install-programs.ts';
import {programs} from './install/program.ts';
import {Children} from './run/children.ts';
import {removeLeftBehind} from './run/left-behind.ts';

const path = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
const main = join(import.meta.dirname, 'bench/src/main.ts');

/** Makes sure of the programs that the benchmarks start, runs them, and gives their exit status. */
async function bench(words: readonly string[], children: Children): Promise<number> {
	await installPrograms(programs.bench, path, children.run);
	await bundleProgram();
	const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
	try {
		return await children.run([process.execPath, '--conditions=@stowage/source', main, ...words], {
			environment: {PATH: path, TMPDIR: folder},
		});
	} finally {
		await removeLeftBehind(folder, new Children().run);
	}
}

const children = new Children();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => void children.end());
}
try {
	process.exitCode = await bench(process.argv.slice(2), children);
} catch (error) {
	console.error((error as Error).message);
	process.exitCode = 1;
}
