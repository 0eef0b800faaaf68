import {createSecretKey, randomFillSync} from 'node:crypto';
import type {Writable} from 'node:stream';
import {freePiece} from '@stowage/core';
import type {Client} from 'ssh2';

type Cipher = Record<string, unknown>;

/** What of the library's client is not in its types: the ciphers of the connection, and what they write to. */
interface ClientParts {
	readonly _protocol?: {readonly _cipher?: Cipher; readonly _decipher?: Cipher};
	readonly _sock?: Writable;
}

/** What of the library's cipher for AES-GCM is used here. */
interface GcmCipher {
	allocPacket: (payloadLength: number) => Buffer;
	_onWrite: (data: Buffer) => void;
}

const keys = ['_encKey', '_encKeyMain', '_encKeyPktLen', '_decipherKey', '_decKeyMain', '_decKeyPktLen'];

/** Packets from this size on are worth a buffer of their own, and up to that size they come (RFC 4253, section 6.1). */
const largePacket = 4096;
const largestPacket = 35_000;

/**
 * Spares a connection work that the library does for each packet and that is half of what it costs to send a file
 * (measured): with a key in bytes, Node 24 makes a key object and a Web Crypto key for each cipher that is begun; each
 * packet is put together in a buffer of its own; and that, like what it is encrypted to, waits for garbage collection.
 */
export function quickenCiphers(client: Client): void {
	// Ciphers change while a connection lasts.
	client.on('handshake', () => {
		const {_protocol: {_cipher: cipher = {}, _decipher: decipher = {}} = {}, _sock: socket} = client as ClientParts;
		prepareKeys(cipher);
		prepareKeys(decipher);
		if (socket !== undefined && String(cipher['_encSSLName']).endsWith('-gcm')) {
			reuseBuffers(cipher as unknown as GcmCipher, socket);
		}
	});
}

function prepareKeys(cipher: Cipher): void {
	for (const name of keys) {
		const key = cipher[name];
		if (Buffer.isBuffer(key)) {
			cipher[name] = createSecretKey(key);
		}
	}
}

/** A packet is encrypted before the next one is begun, and only its length is sent as it is. */
function reuseBuffers(cipher: GcmCipher, socket: Writable): void {
	const room = Buffer.allocUnsafeSlow(largestPacket);
	const {allocPacket, _onWrite: onWrite} = cipher;
	cipher.allocPacket = payloadLength => {
		// RFC 5647, section 7.2: what is encrypted is whole blocks, and at least four bytes of it are padding.
		const rest = 16 - ((payloadLength + 1) % 16);
		const padding = rest < 4 ? rest + 16 : rest;
		const size = 5 + payloadLength + padding;
		if (payloadLength < largePacket || size > largestPacket) {
			return allocPacket.call(cipher, payloadLength);
		}
		const packet = room.subarray(0, size);
		packet.writeUInt32BE(size - 4);
		packet[4] = padding;
		return randomFillSync(packet, 5 + payloadLength);
	};
	cipher._onWrite = data => {
		if (data.length < largePacket || !socket.writable) {
			onWrite(data.buffer === room.buffer ? Buffer.from(data) : data);
		} else {
			socket.write(data, () => freePiece(data));
		}
	};
}
