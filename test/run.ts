import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {asRoot} from './install/as-root.ts';
import {installPrograms} from './install/install-programs.ts';
import {installPythonPackages} from './install/python-packages.ts';
import {Children} from './run/children.ts';
import {removeLeftBehind} from './run/left-behind.ts';
import {type Suite, suites} from './run/suites.ts';
import {TapCounter} from './run/tap-counter.ts';

const root = join(import.meta.dirname, '..');
const path = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
const steps = ['check', ...suites.map(({name}) => name)];

/** One result beside those of the tests: of a step that is no test, or of a run of ava that told of no failure and failed. */
function report(results: TapCounter, trouble: string): void {
	console.log(`not ok - ${trouble}`);
	results.failed += 1;
}

interface Folders {
	/** Where tests put what they make, and leave nothing. */
	readonly made: string;
	/** What was compiled: each file of tests is a thread that loads the sources anew. */
	readonly compiled: string;
}

interface SuiteParts {
	readonly folders: Folders;
	readonly children: Children;
	readonly results: TapCounter;
}

async function runSuite(suite: Suite, {folders, children, results}: SuiteParts): Promise<void> {
	const environment = {PATH: path, TMPDIR: folders.made, NODE_COMPILE_CACHE: folders.compiled};
	const own = new TapCounter();
	const started = Date.now();
	const runPart = async (files: readonly string[]) => {
		const ava = [process.execPath, 'node_modules/ava/entrypoints/cli.js', '--tap', ...files, ...suite.parameters];
		return children.run(suite.root ? asRoot(ava, environment) : ava, {
			environment,
			onLine(line) {
				own.add(line);
				console.log(line);
			},
		});
	};
	const statuses = await Promise.all((suite.parts ?? [[]]).map(runPart));
	results.passed += own.passed;
	results.failed += own.failed;
	console.log(`# ${suite.name}: ${own.passed} passed, ${own.failed} failed, ${seconds(started)} s`);
	if (own.passed + own.failed === 0) {
		report(results, `${suite.name}: no test ran`);
	} else if (own.failed === 0 && statuses.some(status => status !== 0)) {
		report(results, `${suite.name}: ava ended with ${statuses.join(' and ')}`);
	}
}

async function runCheck(children: Children, results: TapCounter): Promise<void> {
	const started = Date.now();
	const status = await children.run(['npm', 'run', '--silent', 'check']);
	console.log(`# check: ${status === 0 ? 'passed' : 'failed'}, ${seconds(started)} s`);
	if (status !== 0) {
		report(results, 'types, lint or format');
	}
}

function makeFolder(purpose: string): Promise<string> {
	return mkdtemp(join(tmpdir(), `stowage-${purpose}-`));
}

function seconds(since: number): string {
	return ((Date.now() - since) / 1000).toFixed(1);
}

/** Runs the steps of these names, or all of them, and prints `N passed, N failed` as the last line. Gives the exit status. */
async function main(names: readonly string[], children: Children): Promise<number> {
	const unknown = names.filter(name => !steps.includes(name));
	if (unknown.length > 0) {
		console.error(`no such suite: ${unknown.join(', ')}; there are ${steps.join(', ')}`);
		return 64;
	}
	const wanted = (name: string) => names.length === 0 || names.includes(name);
	const chosen = suites.filter(({name}) => wanted(name));
	const results = new TapCounter();
	const programs = new Map(chosen.flatMap(suite => suite.programs).map(program => [program.name, program]));
	await installPrograms([...programs.values()], path, children.run);
	const packages = [...new Set(chosen.flatMap(suite => suite.pythonPackages ?? []))];
	if (packages.length > 0) {
		await installPythonPackages(packages, join(root, 'node_modules/.cache/python'), children.run);
	}
	if (wanted('check')) {
		await runCheck(children, results);
	}
	const folders = {made: await makeFolder('test'), compiled: await makeFolder('compiled')};
	try {
		for (const suite of chosen) {
			await runSuite(suite, {folders, children, results});
		}
	} finally {
		// Some of it is root's.
		await new Children().run(asRoot(['rm', '-rf', folders.compiled]));
	}
	for (const left of await removeLeftBehind(folders.made, new Children().run)) {
		report(results, `left behind: ${left}`);
	}
	console.log(`${results.passed} passed, ${results.failed} failed`);
	return results.failed === 0 ? 0 : 1;
}

const children = new Children();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => void children.end());
}
process.chdir(root);
try {
	process.exitCode = await main(process.argv.slice(2), children);
} catch (error) {
	console.error((error as Error).message);
	process.exitCode = 1;
}
