import {execFile} from 'node:child_process';
import {mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {Attribute, Change, Client} from 'ldapts';
import {answersTcp} from '../processes/answers-tcp.ts';
import {findProgram} from '../processes/find-program.ts';
import {freePort} from '../processes/free-port.ts';
import {ProcessFailure} from '../processes/process-failure.ts';
import {ServerProcess} from '../processes/server-process.ts';
import {FolderGuard} from './folder-guard.ts';

const run = promisify(execFile);
const base = 'dc=example,dc=org';
const administrator = {dn: `cn=admin,${base}`, password: 'admin secret'};
const service = {dn: `cn=reader,${base}`, password: 'reader secret'};

export interface SlapdPerson {
	/** `uid`. */
	readonly name: string;
	readonly password: string;
	/** `cn`s of the groups that he is in. */
	readonly groups: readonly string[];
}

/** Who is in the directory at its start. */
export const slapdPeople: readonly SlapdPerson[] = [
	{name: 'ann', password: 'password of ann', groups: ['developers', 'testers']},
	{name: 'bob', password: 'password of bob', groups: ['testers']},
	{name: 'carol', password: 'password of carol', groups: []},
];

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
	const start = () =>
		ServerProcess.start({
			program,
			parameters: ['-d', '0', '-f', join(folder, 'slapd.conf'), '-h', `${url} ${secureUrl}`],
			log: join(folder, 'slapd.log'),
			ready: async () => (await answersTcp(ports[0])) && answersTcp(ports[1]),
		});
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
	const dnOf = (person: string) => `uid=${person},ou=people,${base}`;
	const administer = (work: (client: Client) => Promise<void>) => asAdministrator(told.url, work);
	return {
		...told,
		base,
		service,
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

async function asAdministrator(url: string, work: (client: Client) => Promise<void>): Promise<void> {
	const client = new Client({url, timeout: 30_000});
	try {
		await client.bind(administrator.dn, administrator.password);
		await work(client);
	} finally {
		await client.unbind();
	}
}

const certificateFile = join(import.meta.dirname, 'slapd.crt');

async function prepare(folder: string, people: readonly SlapdPerson[]): Promise<void> {
	const configuration = join(folder, 'slapd.conf');
	const entries = join(folder, 'entries.ldif');
	await mkdir(join(folder, 'data'));
	await writeFile(configuration, configurationIn(folder));
	await writeFile(entries, entriesOf(people));
	await run(await findProgram('slapadd', 'slapd'), ['-q', '-f', configuration, '-l', entries]);
}

function configurationIn(folder: string): string {
	return `
${['core', 'cosine', 'inetorgperson', 'nis'].map(name => `include /etc/ldap/schema/${name}.schema`).join('\n')}
pidfile ${join(folder, 'slapd.pid')}
argsfile ${join(folder, 'slapd.args')}
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile ${certificateFile}
TLSCertificateKeyFile ${join(import.meta.dirname, 'slapd.key')}
database mdb
maxsize 10485760
suffix "${base}"
rootdn "${administrator.dn}"
rootpw "${administrator.password}"
directory ${join(folder, 'data')}
dbnosync
index uid,cn,member eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${service.dn}" read by * none
`;
}

function entriesOf(people: readonly SlapdPerson[]): string {
	const groups = [...new Set(people.flatMap(person => person.groups))];
	const entries = [
		[`dn: ${base}`, 'objectClass: dcObject', 'objectClass: organization', 'o: Example', 'dc: example'],
		[`dn: ou=people,${base}`, 'objectClass: organizationalUnit'],
		[`dn: ou=groups,${base}`, 'objectClass: organizationalUnit'],
		[
			`dn: ${service.dn}`,
			'objectClass: organizationalRole',
			'objectClass: simpleSecurityObject',
			`userPassword: ${service.password}`,
		],
		...people.map(({name, password}) => [
			`dn: uid=${name},ou=people,${base}`,
			'objectClass: inetOrgPerson',
			`cn: ${name}`,
			`sn: ${name}`,
			`mail: ${name}@example.org`,
			`userPassword: ${password}`,
		]),
		...groups.map(group => [
			`dn: cn=${group},ou=groups,${base}`,
			'objectClass: groupOfNames',
			...people
				.filter(person => person.groups.includes(group))
				.map(({name}) => `member: uid=${name},ou=people,${base}`),
		]),
	];
	return entries.map(lines => `${lines.join('\n')}\n`).join('\n');
}
