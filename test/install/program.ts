/** A program that a suite starts, and the Debian package that brings it. */
export interface Program {
	readonly name: string;
	readonly package: string;
	/** Whether it must run without any shared library, because it is put into images that have none. */
	readonly static?: true;
}

const databases: readonly Program[] = [
	{name: 'mariadbd', package: 'mariadb-server'},
	{name: 'mariadb-install-db', package: 'mariadb-server'},
];

/** What emulators of clouds need: an interpreter, and certificates. */
const emulators: readonly Program[] = [
	{name: 'python3', package: 'python3-venv'},
	{name: 'openssl', package: 'openssl'},
];

/** What the driver for SFTP talks to and logs in with. */
const ssh: readonly Program[] = [
	{name: 'sshd', package: 'openssh-server'},
	{name: 'ssh-keygen', package: 'openssh-client'},
	{name: 'ssh-agent', package: 'openssh-client'},
	{name: 'ssh-add', package: 'openssh-client'},
	{name: 'sftp', package: 'openssh-client'},
	{name: 'unshare', package: 'util-linux'},
	{name: 'mount', package: 'mount'},
];

/** A directory for the authenticator that asks one. */
const directory: readonly Program[] = [
	{name: 'slapd', package: 'slapd'},
	{name: 'openssl', package: 'openssl'},
];

/** What remote repositories are put in front of. */
const upstream: Program = {name: 'docker-registry', package: 'docker-registry'};

/** What the suites and the benchmarks start, by the name of the suite. */
export const programs = {
	unit: [...databases, ...emulators, ...ssh, ...directory, upstream, {name: 'xz', package: 'xz-utils'}],
	spec: databases,
	crash: databases,
	clients: [
		upstream,
		...emulators,
		...ssh,
		...directory,
		{name: 'docker', package: 'docker.io'},
		{name: 'dockerd', package: 'docker.io'},
		{name: 'containerd', package: 'containerd'},
		{name: 'ctr', package: 'containerd'},
		{name: 'runc', package: 'runc'},
		{name: 'podman', package: 'podman'},
		{name: 'conmon', package: 'conmon'},
		{name: 'buildah', package: 'buildah'},
		{name: 'skopeo', package: 'skopeo'},
		{name: 'busybox', package: 'busybox-static', static: true},
		{name: 'nginx', package: 'nginx-light'},
		{name: 'apache2', package: 'apache2-bin'},
		{name: 'caddy', package: 'caddy'},
		{name: 'curl', package: 'curl'},
		{name: 'openssl', package: 'openssl'},
		{name: 'unshare', package: 'util-linux'},
		{name: 'mount', package: 'mount'},
	],
	bench: [
		...databases,
		...ssh,
		{name: 'docker-registry', package: 'docker-registry'},
		{name: 'wrk', package: 'wrk'},
		{name: 'ab', package: 'apache2-utils'},
		{name: 'curl', package: 'curl'},
		{name: 'skopeo', package: 'skopeo'},
		{name: 'taskset', package: 'util-linux'},
	],
} satisfies Record<string, readonly Program[]>;
