import {type Argon2Parameters, argon2, randomBytes, timingSafeEqual} from 'node:crypto';
import {promisify} from 'node:util';

const derive = promisify(argon2);

/**
 * More than the OWASP Password Storage Cheat Sheet asks of Argon2id with two passes and one lane (19 MiB): a block of 32 MiB
 * is one that glibc always gives back to the system, while each of its arenas kept a smaller one for good (measured:
 * 130 MiB after 20 sign-ins).
 */
const cost = {memory: 32_768, passes: 2, parallelism: 1} as const;
const saltLength = 16;
const tagLength = 32;

/** argon2id, version 1.3 (RFC 9106), as a PHC string with unpadded base64. */
const phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

interface ParsedHash {
	readonly cost: {readonly memory: number; readonly passes: number; readonly parallelism: number};
	readonly salt: Buffer;
	readonly tag: Buffer;
}

/** In PHC string form. Takes about 50 ms of a thread of libuv's pool and 32 MiB of memory while it runs. */
export async function hashPassword(password: string): Promise<string> {
	const salt = randomBytes(saltLength);
	const tag = await run(password, {...cost, nonce: salt, tagLength});
	return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Compares in constant time. Throws when `hash` is not one that this module reads: ask {@link isPasswordHash}. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
	const expected = parse(hash);
	if (expected === undefined) {
		throw new Error('not an argon2id hash in PHC string form');
	}
	const tag = await run(password, {...expected.cost, nonce: expected.salt, tagLength: expected.tag.length});
	return timingSafeEqual(tag, expected.tag);
}

export function isPasswordHash(text: string): boolean {
	return parse(text) !== undefined;
}

/** Whether `hash` was made with other parameters than new ones are made with. */
export function isOutdatedHash(hash: string): boolean {
	const parsed = parse(hash);
	return (
		parsed === undefined ||
		parsed.cost.memory !== cost.memory ||
		parsed.cost.passes !== cost.passes ||
		parsed.cost.parallelism !== cost.parallelism ||
		parsed.salt.length !== saltLength ||
		parsed.tag.length !== tagLength
	);
}

/** RFC 8265, OpaqueString: one password, whichever way the keyboard composes its characters. */
function run(password: string, parameters: Omit<Argon2Parameters, 'message'>): Promise<Buffer> {
	return derive('argon2id', {...parameters, message: Buffer.from(password.normalize('NFC'))});
}

function parse(hash: string): ParsedHash | undefined {
	const [, memory, passes, parallelism, salt, tag] = phc.exec(hash) ?? [];
	if (salt === undefined || tag === undefined) {
		return undefined;
	}
	return {
		cost: {memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism)},
		salt: Buffer.from(salt, 'base64'),
		tag: Buffer.from(tag, 'base64'),
	};
}

function unpadded(bytes: Buffer): string {
	return bytes.toString('base64').replaceAll('=', '');
}
