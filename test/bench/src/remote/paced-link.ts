import {once} from 'node:events';
import {type AddressInfo, connect, createServer} from 'node:net';
import {Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {setTimeout as sleep} from 'node:timers/promises';

export interface PacedLink {
	readonly port: number;
	stop(): Promise<void>;
}

/** A way to a port of this machine that lets so many bytes a second through towards the client, on all connections together. */
export async function startPacedLink(port: number, bytesPerSecond: number): Promise<PacedLink> {
	let free = performance.now();
	const pace = async (bytes: number) => {
		free = Math.max(free, performance.now()) + (bytes / bytesPerSecond) * 1000;
		// Timers are coarse: what is a little early is evened out by what follows.
		const early = free - performance.now();
		if (early > 5) {
			await sleep(early);
		}
	};
	const server = createServer(client => {
		const target = connect(port, '127.0.0.1');
		const paced = new Transform({
			transform(chunk: Buffer, _encoding, done) {
				void pace(chunk.length).finally(() => done(null, chunk));
			},
		});
		const ended = () => {
			client.destroy();
			target.destroy();
		};
		pipeline(client, target).catch(ended);
		pipeline(target, paced, client).catch(ended);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		async stop() {
			server.close();
			await once(server, 'close');
		},
	};
}
