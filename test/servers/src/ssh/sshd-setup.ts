import {execFile} from 'node:child_process';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {findProgram} from '../processes/find-program.ts';

const run = promisify(execFile);

/** What the key that is encrypted is encrypted with. */
export const passphrase = 'a phrase to pass';

/** Makes the keys of the server and of who logs in, in files below `home`. */
export async function makeKeys(home: string) {
	const keygen = await findProgram('ssh-keygen', 'openssh-client');
	const make = (name: string, phrase: string) =>
		run(keygen, ['-q', '-t', 'ed25519', '-N', phrase, '-C', 'stowage', '-f', join(home, name)]);
	await Promise.all([make('host', ''), make('user', '')]);
	const read = (name: string) => readFile(join(home, name), 'utf8');
	const plain = await read('user');
	await writeFile(join(home, 'encrypted'), plain, {mode: 0o600});
	await run(keygen, ['-q', '-p', '-P', '', '-N', passphrase, '-f', join(home, 'encrypted')]);
	const {stdout} = await run(keygen, ['-l', '-f', join(home, 'host.pub')]);
	return {
		keys: [plain, await read('encrypted'), await read('host')] as const,
		hostFingerprint: stdout.split(' ')[1]!,
	};
}

/** What sshd is told in its file. */
export function configurationOf(home: string, port: number, subsystem: string): string {
	return [
		`Port ${port}`,
		'ListenAddress 127.0.0.1',
		`HostKey ${join(home, 'host')}`,
		`AuthorizedKeysFile ${join(home, 'user.pub')}`,
		`PidFile ${join(home, 'sshd.pid')}`,
		'StrictModes no',
		'UsePAM no',
		'UseDNS no',
		'PasswordAuthentication no',
		'KbdInteractiveAuthentication no',
		'PermitRootLogin yes',
		'PrintMotd no',
		'PrintLastLog no',
		'MaxStartups 500',
		'LoginGraceTime 30',
		`Subsystem sftp ${subsystem}`,
		'',
	].join('\n');
}

/** The command that serves SFTP where the folder is a small file system, which nobody else sees. */
export async function onSmallDisk(home: string, size: string): Promise<string> {
	const script = join(home, 'serve-small-disk');
	const lines = [
		`mount -t tmpfs -o size=${size} tmpfs ${join(home, 'files')} || exit 1`,
		'exec /usr/lib/openssh/sftp-server',
	];
	await writeFile(script, lines.join('\n'));
	const ownRoot = process.getuid?.() === 0 ? '' : '--user --map-root-user';
	return `unshare --mount ${ownRoot} sh ${script}`;
}
