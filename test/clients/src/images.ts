import {copyFile, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Workbench} from './workbench.ts';

/** Platforms of the images that are made for many. Nothing of them is run but the one of this machine. */
export const platforms = [
	'linux/amd64',
	'linux/arm64',
	'linux/arm/v7',
	'linux/386',
	'linux/ppc64le',
	'linux/s390x',
] as const;

/** The platform that containers run on here. */
export const ownPlatform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

/** A folder to build an image from that, when run, prints `line`. The image holds one program that needs nothing beside it. */
export async function runnableContext(bench: Workbench, name: string, line: string): Promise<string> {
	const folder = join(bench.folder, `context-${name}`);
	await mkdir(folder, {recursive: true});
	await copyFile(await bench.run(['sh', '-c', 'command -v busybox']), join(folder, 'busybox'));
	await writeFile(
		join(folder, 'Dockerfile'),
		`FROM scratch\nCOPY busybox /bin/busybox\nENTRYPOINT ["/bin/busybox"]\nCMD ["echo", "${line}"]\n`,
	);
	return folder;
}

/** Builds with buildah an image for six platforms as the manifest list `name` in the bench's storage. Its parts differ, and print `line`. */
export async function buildForPlatforms(bench: Workbench, name: string, line: string): Promise<void> {
	const context = await runnableContext(bench, name, line);
	await bench.run(['buildah', 'manifest', 'create', name]);
	for (const platform of platforms) {
		const file = join(context, 'Dockerfile.platform');
		await writeFile(join(context, 'platform'), platform);
		await writeFile(
			file,
			'FROM scratch\nCOPY busybox /bin/busybox\nCOPY platform /platform\n' +
				`ENTRYPOINT ["/bin/busybox"]\nCMD ["echo", "${line}"]\n`,
		);
		await bench.run([
			'buildah',
			'bud',
			'--quiet',
			'--isolation',
			'chroot',
			'--platform',
			platform,
			'--manifest',
			name,
			'--file',
			file,
			context,
		]);
	}
}
