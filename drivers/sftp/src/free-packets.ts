import type {Readable} from 'node:stream';
import {freePiece} from '@stowage/core';
import type {Client, SFTPWrapper} from 'ssh2';

/** What of the library's objects is not in its types. */
interface ClientParts {
	readonly _protocol: {
		readonly _decipher: Decipher;
		channelData: (channel: number, data: Buffer) => void;
	};
}

interface Decipher {
	readonly _decipherSSLName?: string;
	_onPayload: (payload: Buffer) => unknown;
}

interface ChannelParts {
	/** What is there of a packet of SFTP that has not come in full. */
	readonly _pkt?: Buffer;
	push: (data: Buffer | null) => void;
}

/** Smaller buffers may be parts of what Node keeps for many. Larger ones the library makes for one packet each. */
const owned = Buffer.poolSize;
/** At most what a packet of SSH has around its payload: the length of the padding, and that. */
const mostAround = 256;
const largePayload = 4096;

/**
 * Frees what packets are in as soon as it has been used: encrypted and decrypted, of SSH and of SFTP. Waiting for garbage
 * collection, they make the engine collect its whole heap every 64 MiB. Only for a client whose one channel is `channel`,
 * which copies what it gives to callers.
 */
export function freePackets(client: Client, channel: SFTPWrapper, socket: Readable): void {
	const {_protocol: protocol} = client as unknown as ClientParts;
	freeRequests(protocol);
	freeAnswers(channel as unknown as ChannelParts);
	freePayloads(protocol._decipher);
	// Ciphers change while a connection lasts.
	client.on('handshake', () => freePayloads(protocol._decipher));
	// After the library, which looks at all of it at once.
	socket.on('data', freePiece);
}

/** A request is copied to packets of SSH, a slice for each. */
function freeRequests(protocol: ClientParts['_protocol']): void {
	const {channelData} = protocol;
	protocol.channelData = (channel, data) => {
		channelData.call(protocol, channel, data);
		if (data.buffer.byteLength > owned && data.byteOffset + data.length === data.buffer.byteLength) {
			freePiece(new Uint8Array(data.buffer));
		}
	};
}

/** An answer that comes in several packets is put together in a buffer, and copied from there when it is whole. */
function freeAnswers(channel: ChannelParts): void {
	const {push} = channel;
	channel.push = data => {
		const before = channel._pkt;
		push.call(channel, data);
		if (before !== undefined && before !== channel._pkt && before.length > owned) {
			freePiece(before);
		}
	};
}

/** With AES-GCM every payload is in a buffer of its own. */
function freePayloads(decipher: Decipher): void {
	const {_onPayload: onPayload, _decipherSSLName: name} = decipher;
	if (name?.endsWith('-gcm') !== true) {
		return;
	}
	decipher._onPayload = payload => {
		const result = onPayload(payload);
		if (payload.length > largePayload && payload.buffer.byteLength - payload.length < mostAround) {
			freePiece(new Uint8Array(payload.buffer));
		}
		return result;
	};
}
