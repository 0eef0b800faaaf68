import {execFile} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {findProgram} from '../processes/find-program.ts';

const run = promisify(execFile);
export const base = 'dc=example,dc=org';
export const administrator = {dn: `cn=admin,${base}`, password: 'admin secret'};
export const service = {dn: `cn=reader,${base}`, password: 'reader secret'};

export interface SlapdPerson {
	/** `uid`. */
	readonly name: string;
	readonly password: string;
	/** `cn`s of the groups that he is in. */
	readonly groups: readonly string[];
}

/** What it shows; good for a hundred years. */
export const certificateFile = join(import.meta.dirname, 'slapd.crt');

/** Writes configuration and entries into `folder`, which the server then starts from. */
export async function prepare(folder: string, people: readonly SlapdPerson[]): Promise<void> {
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
