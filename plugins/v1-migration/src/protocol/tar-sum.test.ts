import {createHash, randomBytes} from 'node:crypto';
import test from 'ava';
import {TarSum, type TarSumVersion} from './tar-sum.ts';

interface Entry {
	readonly name: string;
	readonly type?: string;
	readonly content?: string | Buffer;
	readonly link?: string;
	/** As it is in the field. */
	readonly uid?: Buffer | string;
}

function block({name, type = '0', content = '', link = '', uid = '0001750\0'}: Entry): Buffer {
	const header = Buffer.alloc(512);
	header.write(name, 0, 100, 'latin1');
	header.write('0000755\0', 100);
	header.set(Buffer.from(uid as string), 108);
	header.write('0000000\0', 116);
	header.write(
		`${Buffer.from(content as string)
			.length.toString(8)
			.padStart(11, '0')}\0`,
		124,
	);
	header.write('00000000144\0', 136);
	header.write(' '.repeat(8), 148);
	header.write(type, 156, 'latin1');
	header.write(link, 157, 100, 'latin1');
	header.write('ustar\u000000', 257);
	header.write('root', 265);
	header.write('root', 297);
	const sum = header.reduce((total, byte) => total + byte, 0);
	header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
	const bytes = Buffer.from(content as string);
	return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function pax(records: Readonly<Record<string, string>>): Buffer {
	const content = Object.entries(records).map(([key, value]) => {
		const rest = ` ${key}=${value}\n`;
		const length = [1, 2, 3, 4].find(digits => String(rest.length + digits).length === digits) ?? 5;
		return `${rest.length + length}${rest}`;
	});
	return block({name: 'PaxHeaders/x', type: 'x', content: Buffer.from(content.join(''), 'latin1')});
}

function sumOf(version: TarSumVersion, json: string, tar: Buffer, pieces = [tar]): string {
	const sum = new TarSum(version);
	pieces.forEach(piece => sum.push(piece));
	return sum.end(Buffer.from(json));
}

function hash(text: string): string {
	return createHash('sha256').update(text, 'latin1').digest('hex');
}

function expected(version: TarSumVersion, json: string, ...entries: readonly string[]): string {
	return `${version}+sha256:${hash(
		json +
			entries
				.map(entry => hash(entry))
				.toSorted()
				.join(''),
	)}`;
}

const owner = 'mode493uid1000gid0';
const rest = (type: string, link = '') => `typeflag${type}linkname${link}unamerootgnamerootdevmajor0devminor0`;
const end = Buffer.alloc(1024);

test('the sum is of every entry with its content, in whatever order and pieces they come', t => {
	const [file, folder, link] = [
		block({name: 'a', content: 'one'}),
		block({name: 'b/', type: '5'}),
		block({name: 'c', type: '2', link: 'a'}),
	];
	const sum = expected(
		'tarsum',
		'{}',
		`namea${owner}size3mtime100${rest('0')}one`,
		`nameb/${owner}size0mtime100${rest('5')}`,
		`namec${owner}size0mtime100${rest('2', 'a')}`,
	);
	const tar = Buffer.concat([file, folder, link, end]);
	t.is(sumOf('tarsum', '{}', tar), sum);
	t.is(sumOf('tarsum', '{}', Buffer.concat([link, file, folder, end])), sum);
	const pieces = Array.from({length: tar.length}, (_, index) => tar.subarray(index, index + 1));
	t.is(sumOf('tarsum', '{}', tar, pieces), sum);
	t.not(sumOf('tarsum', '{"x":1}', tar), sum);
});

test('the second version leaves out times, and has extended attributes in the order of their names', t => {
	const attributes = {'SCHILY.xattr.user.b': '2', 'SCHILY.xattr.user.a': '1'};
	const tar = Buffer.concat([pax(attributes), block({name: 'a', content: 'one'}), end]);
	t.is(sumOf('tarsum.v1', '{}', tar), expected('tarsum.v1', '{}', `namea${owner}size3${rest('0')}user.a1user.b2one`));
	t.is(sumOf('tarsum', '{}', tar), expected('tarsum', '{}', `namea${owner}size3mtime100${rest('0')}one`));
});

test('long names, links and numbers of pax and GNU tar are those of the entry', t => {
	const long = 'd/'.repeat(100) + 'é';
	const name = Buffer.from(long).toString('latin1');
	const line = `name${name}mode493uid4294967296gid7size3mtime12${rest('0')}one`;
	const extended = pax({path: name, uid: '4294967296', gid: '7', mtime: '12.75'});
	t.is(
		sumOf('tarsum', '{}', Buffer.concat([extended, block({name: 'short', content: 'one'}), end])),
		expected('tarsum', '{}', line),
	);
	const uid = Buffer.from([0x80, 0, 0, 1, 0, 0, 0, 0]);
	const gnu = [
		block({name: '././@LongLink', type: 'L', content: `${long}\0`}),
		block({name: '././@LongLink', type: 'K', content: 'target\0'}),
		block({name: 'short', type: '1', uid}),
	];
	t.is(
		sumOf('tarsum', '{}', Buffer.concat([...gnu, end])),
		expected('tarsum', '{}', `name${name}mode493uid4294967296gid0size0mtime100${rest('1', 'target')}`),
	);
});

test('what is no tar, or has an endless header, is refused', t => {
	t.throws(() => sumOf('tarsum', '{}', randomBytes(1024)));
	const header = block({name: 'x', type: 'x'});
	header.write(`${(2_000_000).toString(8).padStart(11, '0')}\0`, 124);
	header.write(' '.repeat(8), 148);
	const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
	header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
	t.throws(() => sumOf('tarsum', '{}', header), {message: /extended header that is too large/});
});

test('extended headers that pile up before one entry are refused, and count from the beginning for the next', t => {
	const large = pax({path: 'd'.repeat(1000)});
	const entry = block({name: 'a'});
	const [many, few] = [Array.from({length: 1100}, () => large), Array.from({length: 600}, () => large)];
	t.throws(() => sumOf('tarsum', '{}', Buffer.concat(many)), {message: /extended header that is too large/});
	t.notThrows(() => sumOf('tarsum', '{}', Buffer.concat([...few, entry, ...few, entry, end])));
	const attributes = (start: number) =>
		pax(Object.fromEntries(Array.from({length: 5001}, (_, index) => [`SCHILY.xattr.${start + index}`, ''])));
	t.throws(() => sumOf('tarsum', '{}', Buffer.concat([attributes(0), attributes(5001)])), {
		message: /too many fields/,
	});
	t.notThrows(() => sumOf('tarsum', '{}', Buffer.concat([attributes(0), entry, attributes(5001), entry, end])));
});
