import {mkdtemp, rm} from 'node:fs/promises';
import {argon2Sync, randomBytes} from 'node:crypto';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openMetadata} from '@stowage/core/metadata';
import {type Stowage, startStowage} from '@stowage/test-servers';
import {cpuSeconds} from '../cpu-time.ts';
import {wrk} from '../load.ts';
import {processors} from '../processors.ts';
import {RegistryClient, manifestType} from '../registry-client.ts';
import {storeWorld} from './large-world.ts';

const seconds = 3;
const rounds = 5;
const mostTimes = 1.2;
const image = 'team-4/app/web';
const user = 'user-4';
const password = 'correct horse battery';

/** argon2id in PHC string form, at a cost that suits ten thousand users. */
function hashOf(text: string): string {
	const nonce = randomBytes(16);
	const cost = {memory: 1024, passes: 1, parallelism: 1};
	const tag = argon2Sync('argon2id', {...cost, message: Buffer.from(text), nonce, tagLength: 32});
	const [salt, hash] = [nonce, tag].map(bytes => bytes.toString('base64').replaceAll('=', ''));
	return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${salt}$${hash}`;
}

function basic(name: string, secret: string): string {
	return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
}

async function prepare(folder: string, registry: Stowage): Promise<void> {
	const metadata = await openMetadata({client: 'sqlite', file: join(folder, 'data/stowage.sqlite')});
	try {
		await storeWorld(metadata, hashOf(password));
		const grant = {repositories: ['docker-local'], includes: ['team-4/**'], excludes: [], groups: {}};
		await metadata.permissionTargets.insert({name: 'measured', repo: {...grant, users: {[user]: ['read']}}});
	} finally {
		await metadata.close();
	}
	const admin = basic('admin', registry.password);
	const client = new RegistryClient({
		name: 'stowage',
		url: registry.url,
		prefix: 'docker-local/',
		pid: registry.process.pid,
		authorization: admin,
		pullAuthorization: async () => admin,
		output: () => registry.process.output(),
		stop: () => registry.process.stop(),
	});
	await client.pushImage(image);
	await client.close();
}

async function bearer(url: string, authorization: string): Promise<string> {
	const scope = `repository:docker-local/${image}:pull`;
	const answer = await fetch(`${url}/v2/token?scope=${scope}`, {headers: {authorization}});
	return `Bearer ${((await answer.json()) as {token: string}).token}`;
}

async function measure(registry: Stowage, authorization: string): Promise<number> {
	const url = `${registry.url}/v2/docker-local/${image}/manifests/latest`;
	const before = await cpuSeconds(registry.process.pid);
	const {requests} = await wrk({url, headers: {Accept: manifestType, Authorization: authorization}, seconds});
	return (((await cpuSeconds(registry.process.pid)) - before) / requests) * 1e6;
}

function median(values: readonly number[]): number {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const folder = await mkdtemp(join(tmpdir(), 'stowage-bench-'));
try {
	const configuration = {log: {level: 'warn', requests: false}};
	const registry = await startStowage({folder, cpu: processors.server, configuration});
	try {
		await prepare(folder, registry);
		const signed = basic(user, password);
		const kinds = {
			'bearer token of an administrator': await bearer(registry.url, basic('admin', registry.password)),
			'bearer token of a user with rights': await bearer(registry.url, signed),
			'Basic of a user with rights': signed,
		};
		const measured = new Map<string, number[]>();
		for (let round = 0; round < rounds; round++) {
			for (const [kind, authorization] of Object.entries(kinds)) {
				measured.set(kind, [...(measured.get(kind) ?? []), await measure(registry, authorization)]);
			}
		}
		const medians = [...measured].map(([kind, values]) => [kind, median(values)] as const);
		for (const [kind, value] of medians) {
			console.log(`${kind.padEnd(36)} ${value.toFixed(1)} us of processor time a pull`);
		}
		const [, token = Number.NaN, signIn = Number.NaN] = medians.map(([, value]) => value);
		console.log(`Basic costs ${(signIn / token).toFixed(2)} times a bearer token; at most ${mostTimes}`);
		process.exitCode = signIn / token <= mostTimes ? 0 : 1;
	} finally {
		await registry.process.stop();
	}
} finally {
	await rm(folder, {recursive: true, force: true});
}
