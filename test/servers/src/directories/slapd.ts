import {existsSync} from 'node:fs';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Attribute, Change, Client} from 'ldapts';
import {answersTcp} from '../processes/answers-tcp.ts';
import {findProgram} from '../processes/find-program.ts';
import {freePort} from '../processes/free-port.ts';
import {ProcessFailure} from '../processes/process-failure.ts';
import {ServerProcess} from '../processes/server-process.ts';
import {FolderGuard} from './folder-guard.ts';
import {type SlapdPerson, administrator, base, certificateFile, prepare, service} from './slapd-setup.ts';

export type {SlapdPerson} from './slapd-setup.ts';

/** Who is in the directory at its start. */
export const slapdPeople: readonly SlapdPerson[] = [
	{name: 'ann', password: 'password of ann', groups: ['developers', 'testers']},
	{name: 'bob', password: 'password of bob', groups: ['testers']},
	{name: 'carol', password: 'password of carol', groups: []},
];

/** Named as the options of the LDAP authenticator are. */
export interface SlapdOptions {
	readonly urls: string[];
	readonly caCertificates: string;
	readonly bindDn: string;
	readonly bindPassword: string;
	readonly userBase: string;
	readonly groupBase: string;
	readonly connectTimeoutSeconds: number;
	readonly timeoutSeconds: number;
}

/** A directory with `ou=people` and `ou=groups`. Nobody but {@link Slapd.service} may search it. */
export interface Slapd {
	readonly base: string;
	/** `ldap://127.0.0.1:<port>`. */
	readonly url: string;
	/** The same with TLS. */
	readonly secureUrl: string;
	/** PEM of the certificate that it shows. */
	readonly certificate: string;
	readonly service: {readonly dn: string; readonly password: string};
	/** Options of an authenticator that asks for all of it over TLS, with the time that a busy machine needs. */
	readonly options: SlapdOptions;
	dnOf(person: string): string;
	/** Does something as its administrator, who may do everything. */
	administer(work: (client: Client) => Promise<void>): Promise<void>;
	leaveGroup(person: string, group: string): Promise<void>;
	/** Ends the server; it can be started again. */
	pause(): Promise<void>;
	resume(): Promise<void>;
	/** Ends it for good, and removes its folder. */
	stop(): Promise<void>;
}

/** Debian's slapd on free ports of 127.0.0.1, in a folder of its own. It ends with this process, however this process ends. */
export async function startSlapd(people: readonly SlapdPerson[] = slapdPeople): Promise<Slapd> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return await startOnce(people);
		} catch (error) {
			// Somebody else took a port that was free.
			if (attempt === 5 || !(error instanceof ProcessFailure)) {
				throw error;
			}
		}
	}
}

async function startOnce(people: readonly SlapdPerson[]): Promise<Slapd> {
	const program = await findProgram('slapd', 'slapd');
	const folder = await mkdtemp(join(tmpdir(), 'stowage-slapd-'));
	const guard = new FolderGuard(folder);
	const ports = [await freePort(), await freePort()] as const;
	const [url, secureUrl] = [`ldap://127.0.0.1:${ports[0]}`, `ldaps://127.0.0.1:${ports[1]}`];
	// It is written once the ports are taken: who answers there may be another's server.
	const pidFile = join(folder, 'slapd.pid');
	const start = async () => {
		await rm(pidFile, {force: true});
		return ServerProcess.start({
			program,
			parameters: ['-d', '0', '-f', join(folder, 'slapd.conf'), '-h', `${url} ${secureUrl}`],
			log: join(folder, 'slapd.log'),
			readyWithinMs: 60_000,
			ready: async () => existsSync(pidFile) && (await answersTcp(ports[0])) && answersTcp(ports[1]),
		});
	};
	try {
		await prepare(folder, people);
		const told = {url, secureUrl, certificate: await readFile(certificateFile, 'utf8')};
		return describe(told, await start(), {start, guard});
	} catch (error) {
		await guard.release();
		throw error;
	}
}

interface Running {
	readonly start: () => Promise<ServerProcess>;
	readonly guard: FolderGuard;
}

function describe(
	told: Pick<Slapd, 'url' | 'secureUrl' | 'certificate'>,
	first: ServerProcess,
	{start, guard}: Running,
): Slapd {
	let server = first;
	guard.watch(server.pid);
	const pause = async () => {
		await server.stop();
		guard.watch(undefined);
	};
	const administer = (work: (client: Client) => Promise<void>) => asAdministrator(told.url, work);
	return {
		...told,
		base,
		service,
		options: {
			urls: [told.secureUrl],
			caCertificates: told.certificate,
			bindDn: service.dn,
			bindPassword: service.password,
			userBase: `ou=people,${base}`,
			groupBase: `ou=groups,${base}`,
			connectTimeoutSeconds: 30,
			timeoutSeconds: 30,
		},
		dnOf,
		administer,
		leaveGroup(person, group) {
			const modification = new Attribute({type: 'member', values: [dnOf(person)]});
			const change = new Change({operation: 'delete', modification});
			return administer(client => client.modify(`cn=${group},ou=groups,${base}`, change));
		},
		pause,
		async resume() {
			server = await start();
			guard.watch(server.pid);
		},
		async stop() {
			await pause();
			await guard.release();
		},
	};
}

function dnOf(person: string): string {
	return `uid=${person},ou=people,${base}`;
}

async function asAdministrator(url: string, work: (client: Client) => Promise<void>): Promise<void> {
	const client = new Client({url, timeout: 30_000});
	try {
		await client.bind(administrator.dn, administrator.password);
		await work(client);
	} finally {
		await client.unbind();
	}
}
