import {spawnSync} from 'node:child_process';
import {mkdtemp, mkdir, rm, symlink, link, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {type TarEntry, makeTar, paxRecord} from './fixtures/make-tar.ts';
import {TarScanner} from './tar-scanner.ts';

/** In pieces of this many bytes. */
function scan(tar: Buffer, piece = 700): number {
	const scanner = new TarScanner();
	for (let at = 0; at < tar.length; at += piece) {
		scanner.push(tar.subarray(at, at + piece));
	}
	scanner.end();
	return scanner.entries;
}

const long = `${'folder/'.repeat(40)}file`;

for (const format of ['gnu', 'pax', 'ustar', 'v7', 'oldgnu']) {
	test(`a tar of the format ${format} is read as GNU tar writes it`, async t => {
		const folder = await mkdtemp(join(tmpdir(), 'stowage-tar-'));
		t.teardown(() => rm(folder, {recursive: true, force: true}));
		await mkdir(join(folder, 'tree/sub'), {recursive: true});
		await writeFile(join(folder, 'tree/file'), 'x'.repeat(70_000));
		await writeFile(join(folder, 'tree/empty'), '');
		await symlink('/etc/passwd', join(folder, 'tree/absolute'));
		await link(join(folder, 'tree/file'), join(folder, 'tree/sub/hard'));
		const odd = format === 'gnu' || format === 'pax';
		const options = odd ? ['--sparse'] : [];
		if (odd) {
			await writeFile(join(folder, 'tree', 'ü'.repeat(110)), 'long name');
			await symlink('y/'.repeat(120), join(folder, 'tree/long-link'));
			spawnSync('truncate', ['--size', '5M', join(folder, 'tree/sparse')]);
		}
		const tar = spawnSync('tar', ['--create', ...options, `--format=${format}`, '--directory', folder, 'tree'], {
			maxBuffer: 20_000_000,
		});
		t.is(tar.status, 0, tar.stderr.toString());
		for (const piece of [1, 511, 512, 65_536]) {
			t.is(scan(tar.stdout, piece), odd ? 9 : 6);
		}
	});
}

test('a sparse file with more holes than its header has room for is passed over', t => {
	const more = Buffer.alloc(512);
	const sparse = {
		name: 'sparse',
		type: 'S',
		content: '',
		size: 1024,
		change: (header: Buffer) => void (header[482] = 1),
	};
	const [head, end] = [makeTar([sparse]).subarray(0, 512), makeTar([{name: 'after'}])];
	const map = Buffer.from(more);
	map[504] = 1;
	t.is(scan(Buffer.concat([head, map, more, Buffer.alloc(1024, 1), end])), 2);
});

test('a tar without its end is read, and one that breaks off is not', t => {
	const tar = makeTar([{name: 'a', content: 'x'.repeat(600)}]);
	t.is(scan(tar.subarray(0, -1024)), 1);
	for (const bytes of [100, 512 + 100, 512 + 600]) {
		t.throws(() => scan(tar.subarray(0, bytes)), {code: 'layer', message: /breaks off/});
	}
	t.is(scan(Buffer.alloc(1024)), 0);
});

const hostile: readonly (readonly [what: string, entries: readonly TarEntry[], message: RegExp])[] = [
	['a name that climbs', [{name: '../etc/cron.d/x'}], /leads out of the image/],
	['a name that climbs later', [{name: 'a/../../x'}], /leads out of the image/],
	['an absolute name', [{name: '/etc/passwd'}], /leads out of the image/],
	['a hard link that climbs', [{name: 'a', type: '1', link: '../../etc/shadow'}], /hard link to/],
	['an absolute hard link', [{name: 'a', type: '1', link: '/etc/shadow'}], /hard link to/],
	['a name of GNU tar that climbs', [{name: 'l', type: 'L', content: '../x\0'}, {name: 'a'}], /leads out/],
	[
		'a link of GNU tar that climbs',
		[
			{name: 'l', type: 'K', content: '../x\0'},
			{name: 'a', type: '1'},
		],
		/hard link/,
	],
	[
		'a path of pax that climbs',
		[{name: 'p', type: 'x', content: paxRecord('path', `${long}/../../..`)}, {name: 'a'}],
		/leads out/,
	],
	[
		'a sparse name of pax that climbs',
		[{name: 'p', type: 'x', content: paxRecord('GNU.sparse.name', '..')}, {name: 'a'}],
		/leads out/,
	],
	['a prefix that climbs', [{name: 'x', change: header => void header.write('..', 345)}], /leads out/],
	['a broken pax header', [{name: 'p', type: 'x', content: '99 path=x\n'}, {name: 'a'}], /broken extended header/],
	['an endless pax header', [{name: 'p', type: 'x', size: 5_000_000}], /has 5000000 bytes/],
	[
		'a negative size of pax',
		[{name: 'p', type: 'x', content: paxRecord('size', '-1')}, {name: 'a'}],
		/impossible size/,
	],
	['a size beyond all numbers', [{name: 'a', change: header => void header.fill(0xff, 124, 136)}], /impossible size/],
	['a size that is no number', [{name: 'a', change: header => void header.write('12345678901', 124)}], /no tar/],
];

for (const [what, entries, message] of hostile) {
	test(`a tar with ${what} is refused`, t => {
		t.throws(() => scan(makeTar(entries)), {code: 'layer', message});
	});
}

test('what is no tar is refused', t => {
	t.throws(() => scan(Buffer.alloc(2048, 'text')), {code: 'layer', message: /no tar/});
	const tar = makeTar([{name: 'a'}]);
	tar[0] = 0x62;
	t.throws(() => scan(tar), {code: 'layer'});
});

test('what base images have is let through: devices, pipes, links to anywhere, marks of deleted files', t => {
	const entries = [
		{name: './'},
		{name: 'dev/null', type: '3'},
		{name: 'dev/sda', type: '4'},
		{name: 'run/initctl', type: '6'},
		{name: 'etc/mtab', type: '2', link: '/proc/mounts'},
		{name: 'lib/up', type: '2', link: '../../../usr'},
		{name: 'etc/.wh.motd'},
		{name: '..data/..file'},
		{name: '.wh..wh.plnk/3.4'},
		{name: 'etc/copy', type: '1', link: '.wh..wh.plnk/3.4'},
	];
	t.is(scan(makeTar(entries)), entries.length);
});
