import {lstat, realpath, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {Workbench} from './workbench.ts';

/** Names of a package and all that it depends on, of those that are installed here. */
const packagesScript = `
queue="$*"
seen=
while [ -n "$queue" ]; do
	set -- $queue
	package=$1
	shift
	queue="$*"
	case " $seen " in *" $package "*) continue ;; esac
	needs=$(dpkg-query --show --showformat='\${db:Status-Status} \${Pre-Depends}, \${Depends}' "$package" 2>/dev/null) || continue
	case $needs in "installed "*) needs=\${needs#installed } ;; *) continue ;; esac
	seen="$seen $package"
	queue="$queue $(printf '%s' "$needs" | tr , '\\n' | sed 's/|.*//; s/(.*//; s/:.*//; s/ //g')"
done
dpkg-query --listfiles $seen
`;

const leftOut = /^\/usr\/share\/(?:doc|info|lintian|locale|man)\b/;

/** A tar of a Debian system with a shell: the files of the packages that this machine has, as they are installed. */
export async function makeDebianTar(bench: Workbench): Promise<Buffer> {
	const listed = await bench.run([
		'sh',
		'-c',
		packagesScript,
		'sh',
		'base-files',
		'base-passwd',
		'bash',
		'coreutils',
		'dash',
	]);
	const folders = new Map<string, Promise<string>>();
	const paths = new Set<string>();
	for (const path of listed.split('\n').filter(line => line.startsWith('/') && !leftOut.test(line))) {
		const folder = folders.get(dirname(path)) ?? realpath(dirname(path)).catch(() => '');
		folders.set(dirname(path), folder);
		// Some packages name their files by way of links such as /bin.
		const place = join(await folder, basename(path));
		const there = await lstat(place).catch(() => undefined);
		if (basename(path) !== '.' && (await folder) !== '' && there !== undefined) {
			paths.add(place.slice(1));
		}
	}
	const list = join(bench.folder, 'debian-files');
	await writeFile(list, [...paths].toSorted().join('\n'));
	const tar = ['tar', '--create', '--no-recursion', '--numeric-owner', '--directory', '/', '--files-from', list];
	return bench.runRaw([...tar, '--file', '-']);
}
