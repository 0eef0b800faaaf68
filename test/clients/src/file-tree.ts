import type {Workbench} from './workbench.ts';

/** What engines put into every container, and what belongs to no image. */
const leftOut = ['dev', 'proc', 'sys', 'run', '.dockerenv', 'etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'etc/mtab'];

const pruned = leftOut.map(path => `-path ./${path}`).join(' -o ');

/** One line for each file, folder and link: kind, mode, owner, links, size, time, and the sum of its content. */
const listing = `
cd "$1"
find . -mindepth 1 \\( ${pruned} \\) -prune -o -type d -printf '%P d %m %U:%G\\n'
find . -mindepth 1 \\( ${pruned} \\) -prune -o ! -type d -printf '%P %y %m %U:%G %n %s %Ts %l\\n'
find . -mindepth 1 \\( ${pruned} \\) -prune -o -type f -print0 | xargs -0 sha256sum
`;

/** The tree below a folder of the bench, in an order of its own. */
export async function listTree(bench: Workbench, folder: string): Promise<readonly string[]> {
	return sorted(await bench.run(['sh', '-c', listing, 'sh', folder]));
}

/** That of a folder which a command makes and prints the path of, in one mount name space. */
export async function listMadeTree(bench: Workbench, command: string): Promise<readonly string[]> {
	return sorted(await bench.run(['sh', '-c', `set -e\nset -- "$(${command})"\n${listing}`]));
}

function sorted(lines: string): readonly string[] {
	return lines.split('\n').toSorted();
}
