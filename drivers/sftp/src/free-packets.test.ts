import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {join} from 'node:path';
import {SftpServer} from '@stowage/test-servers/sftp';
import test, {type ExecutionContext} from 'ava';
import type {Client} from 'ssh2';
import {connect} from './connect.ts';
import {withFile} from './files.ts';
import {Session} from './session.ts';

const mebibyte = 1024 * 1024;
const pieces = 128;

async function openSession(t: ExecutionContext) {
	const server = await SftpServer.start();
	t.teardown(() => server.close());
	const connection = await connect(server.storageOptions());
	const session = new Session(connection, 30_000);
	t.teardown(() => session.end());
	return {session, client: connection.client, path: join(server.folder, 'file')};
}

/** As a connection does by itself after a gigabyte. */
async function changeKeys(client: Client): Promise<void> {
	const {_protocol: protocol} = client as unknown as {readonly _protocol: {rekey: () => void}};
	const changed = once(client, 'handshake');
	protocol.rekey();
	await changed;
}

/** The most memory outside of the heap, beside what there was, each time that a piece was written or read. */
async function transfer({session, path}: Awaited<ReturnType<typeof openSession>>, bytes: Buffer) {
	const before = process.memoryUsage().arrayBuffers;
	let most = 0;
	const each = async (work: (position: number) => Promise<unknown>) => {
		for (let piece = 0; piece < pieces; piece += 1) {
			await work(piece * bytes.length);
			most = Math.max(most, process.memoryUsage().arrayBuffers - before);
		}
	};
	const back = Buffer.alloc(bytes.length);
	let wrong = 0;
	await withFile(session, path, 'r+', async handle => {
		await each(position =>
			session.request('write', (channel, done) => channel.write(handle, bytes, 0, bytes.length, position, done)),
		);
		await each(async position => {
			await session.request<number>('read', (channel, done) =>
				channel.read(handle, back.fill(0), 0, back.length, position, done),
			);
			wrong += back.equals(bytes) ? 0 : 1;
		});
	});
	return {most, wrong};
}

test('what packets were in is free at once, and nothing of it is used after, also when keys change', async t => {
	const world = await openSession(t);
	const {session, client, path} = world;
	const bytes = randomBytes(session.pieceSize);
	await session.request('create', (channel, done) => channel.writeFile(path, '', done));
	for (let round = 0; round < 3; round += 1) {
		const [{most, wrong}] = await Promise.all([transfer(world, bytes), changeKeys(client)]);
		t.is(wrong, 0);
		t.true(most < 24 * mebibyte, `${most} bytes`);
	}
});
