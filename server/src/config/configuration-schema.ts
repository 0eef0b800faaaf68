import {type JsonSchema, retentionRule} from '@stowage/core';
import {type TObjectOptions, type TSchema, Type} from 'typebox';

const closed = {additionalProperties: false};
const text = (description: string, more: object = {}) => Type.String({description, minLength: 1, ...more});
const number = (description: string, standard: number, minimum = 1) =>
	Type.Integer({description, default: standard, minimum});
/** What is loaded where nothing is said. */
const usualPlugins = [
	'@stowage/filesystem',
	'@stowage/local',
	'@stowage/remote',
	'@stowage/virtual',
	'@stowage/v1-migration',
];

/** Checked by the plugin's own schema once it is loaded. */
const optionsOf = (what: string) =>
	Type.Object({}, {additionalProperties: true, default: {}, description: `As the README of ${what} says.`});

/** What a repository key is made of: it stands in paths, host names and permissions. Two words mean something else in paths. */
export const repositoryKeyPattern = '^(?!(?:token|null)$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';
const name = '^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$';

/** The parts of `database:`, by its `client`. */
export const databaseSchemas: Readonly<Record<'sqlite' | 'mysql', JsonSchema>> = {
	sqlite: schema(
		{
			client: Type.Literal('sqlite'),
			file: Type.Optional(text('Path of the database file. Without it: `stowage.sqlite` in the data folder.')),
		},
		{...closed, title: 'SQLite'},
	),
	mysql: schema(
		{
			client: Type.Literal('mysql'),
			host: text('Host name or address of MySQL 8 or MariaDB 10.6 or newer.'),
			port: Type.Integer({description: 'Port of the database.', default: 3306, minimum: 1, maximum: 65_535}),
			user: text('User of the database.'),
			password: Type.String({description: 'Password of that user.', default: '', writeOnly: true}),
			database: text('Name of the database, which must exist; tables are made.'),
			poolSize: number('Connections that each process opens at most.', 10),
			tls: Type.Boolean({description: 'Whether to speak TLS with the database.', default: false}),
		},
		{...closed, title: 'MySQL or MariaDB'},
	),
};

const tls = Type.Object(
	{
		certificate: text('PEM file of the certificate and those between it and the root. Read again when it changes.'),
		key: text('PEM file of the private key. Read again when it changes.'),
	},
	{...closed, description: 'Speak HTTPS. A relative path is one from the folder of this file.'},
);

const accelRedirect = Type.Object(
	{
		prefix: text('Path of a location of the proxy that is internal and serves `folder`: `/stowage-files`.', {
			pattern: '^(/[A-Za-z0-9._~-]+)+$',
		}),
		folder: Type.Optional(text('What the location serves. Without it: `storage` in the data folder.')),
		header: text('What tells the proxy to.', {default: 'X-Accel-Redirect', pattern: '^[A-Za-z0-9-]+$'}),
	},
	{
		...closed,
		description: 'Let trusted proxies that read the same disk send blobs of the filesystem driver themselves (nginx).',
	},
);

const binding = Type.Object(
	{
		host: Type.Optional(text('Host name whose requests mean these repositories.')),
		port: Type.Optional(
			Type.Integer({
				description: 'Port to listen on as well; its requests mean these repositories.',
				minimum: 1,
				maximum: 65_535,
			}),
		),
		repositories: Type.Record(
			Type.String({pattern: '^[a-z][a-z0-9]*$'}),
			Type.String({pattern: repositoryKeyPattern, description: 'Key of the repository for the protocol `<name>`.'}),
			{
				...closed,
				description: 'Key of the repository for each protocol: `{v2: docker-dev, v1: docker-dev-local}`.',
				minProperties: 1,
			},
		),
	},
	closed,
);

const storage = Type.Object(
	{
		driver: text('Word of a driver that a plugin offers: `filesystem`.'),
		redirect: Type.Boolean({
			default: false,
			description:
				'Whether clients fetch blobs from the store itself, by signed addresses, where the driver has them. They must be able to reach it.',
		}),
		options: optionsOf('the driver'),
	},
	{...closed, description: 'A place for blobs.'},
);

const bootstrapRepository = Type.Object(
	{
		type: text('Word of a repository type that a plugin offers: `local`.'),
		storage: text('Name of the storage of its blobs.', {default: 'default'}),
		description: Type.String({description: 'For people.', default: ''}),
		options: optionsOf('the repository type'),
	},
	closed,
);

const authenticator = Type.Object(
	{
		name: text('Under which its users and groups are known here. Renaming it locks them out.', {pattern: name}),
		type: text('Word of an authenticator that a plugin offers: `ldap`.'),
		createUsers: Type.Boolean({
			default: true,
			description: 'Whether who signs in for the first time becomes a user; otherwise an administrator makes him.',
		}),
		groups: Type.Record(Type.String(), text('Name of a group here.'), {
			default: {},
			description:
				'Groups here by the names that it has for them; made if they do not exist. It alone says which of its users are in them.',
		}),
		createGroups: Type.Boolean({
			default: false,
			description: 'Whether its other groups become groups here, under the same names.',
		}),
		outageSeconds: number(
			'For how long tokens and keys of users who were found before are good while it cannot be asked; passwords are remembered for a minute at most. With 0 all are refused with 503 at once.',
			0,
			0,
		),
		options: optionsOf('the authenticator'),
	},
	closed,
);

/** Our part of the configuration file: everything but what stands under an `options:` of a plugin, driver or repository type. */
export const configurationSchema: JsonSchema = schema(
	{
		data: Type.Optional(
			text(
				'Folder of everything kept on this machine. Without it: `data` in the working directory. `STOWAGE_DATA` and `--data` win.',
			),
		),
		listen: text('`host:port` to listen on, `[::1]:5000` for IPv6. `STOWAGE_LISTEN` and `--listen` win.', {
			default: '127.0.0.1:5000',
		}),
		tls: Type.Optional(tls),
		baseUrl: Type.Optional(
			text('What clients type, where it cannot be told from the request: `https://registry.example`.', {
				pattern: '^https?://[^/?#]+/?$',
			}),
		),
		trustedProxies: Type.Array(Type.String(), {
			description: 'Addresses (CIDR) of the proxies whose `X-Forwarded-*` headers are believed.',
			default: [],
		}),
		accelRedirect: Type.Optional(accelRedirect),
		database: Type.Object(
			{client: Type.Enum(['sqlite', 'mysql'], {default: 'sqlite', description: 'Which database.'})},
			{additionalProperties: true, description: 'Where rows are kept.', default: {}},
		),
		plugins: Type.Array(
			Type.Object(
				{name: text('Package name, or path from the folder of this file.'), options: optionsOf('the plugin')},
				closed,
			),
			{
				description: 'What to load: names, or `{name, options}`.',
				default: usualPlugins.map(name => ({name})),
			},
		),
		storages: Type.Record(Type.String({pattern: name}), storage, {
			...closed,
			description: 'Places for blobs, by name. Without it: `default`, the folder `storage` in the data folder.',
			minProperties: 1,
		}),
		authenticators: Type.Array(authenticator, {
			description: 'Who knows users besides this server, asked in this order.',
			default: [],
		}),
		bindings: Type.Array(binding, {description: 'Host names and ports that mean one repository.', default: []}),
		subdomainsOf: Type.Array(text('A domain.'), {
			description: 'Domains below which `<key>.<domain>` means the repository of that key.',
			default: [],
		}),
		anonymousRead: Type.Boolean({description: 'Whether who does not sign in may read everything.', default: false}),
		bootstrap: Type.Optional(
			Type.Object(
				{
					repositories: Type.Record(Type.String({pattern: repositoryKeyPattern}), bootstrapRepository, {
						...closed,
						description: 'By key.',
					}),
				},
				{
					...closed,
					description:
						'Repositories made at a start if their keys do not exist, while the admin password is the initial one. Without it: `docker-local`, `dockerhub`, and `docker` for both, as far as plugins offer their types.',
				},
			),
		),
		tokens: Type.Object({lifetimeSeconds: number('How long a token is good.', 300, 60)}, {...closed, default: {}}),
		uploads: Type.Object(
			{
				idleSeconds: number('An upload that got nothing for so long is given up.', 86_400, 60),
				openPerUser: number('Uploads that one user may have open at once.', 1000),
			},
			{...closed, default: {}},
		),
		gracePeriodSeconds: number('For how long an answer that a blob exists is a promise.', 86_400, 60),
		retention: Type.Object(
			{
				intervalMinutes: number('How often what no retention policy keeps is removed.', 24 * 60),
				removalsPerSecond: Type.Optional(
					Type.Integer({description: 'How many tags and manifests are removed in a second at most.', minimum: 1}),
				),
				rules: Type.Array(retentionRule, {
					description: 'The policy for all repositories, besides those of each: see Retention.',
					maxItems: 100,
					default: [],
				}),
			},
			{...closed, default: {}},
		),
		collection: Type.Object(
			{
				intervalMinutes: number('How often blobs that no image needs are collected.', 60),
				blobsPerSecond: Type.Optional(
					Type.Integer({description: 'How many of them are deleted in a second at most.', minimum: 1}),
				),
			},
			{...closed, default: {}},
		),
		log: Type.Object(
			{
				level: Type.Enum(['debug', 'info', 'warn', 'error'], {
					description: 'The least that is written: `debug`, `info`, `warn` or `error`.',
					default: 'info',
				}),
				requests: Type.Boolean({description: 'Whether every request gets a line.', default: false}),
			},
			{...closed, default: {}},
		),
		audit: Type.Object(
			{
				retentionDays: number('How long entries of the audit log are kept.', 365),
				log: Type.Boolean({description: 'Whether each entry is a line of the log as well.', default: false}),
				file: Type.Optional(text('A file to which each entry is appended as a line of JSON as well.')),
			},
			{...closed, default: {}},
		),
		stopWithinSeconds: number('How long running transfers may take to end when the server stops.', 60, 0),
		idleTimeoutSeconds: number('A connection on which nothing moved for so long during a request is cut.', 120),
		publicMetrics: Type.Boolean({
			description: 'Whether `/metrics` answers anybody; otherwise an administrator only.',
			default: false,
		}),
	},
	{...closed, title: 'Stowage'},
);

function schema(properties: Readonly<Record<string, TSchema>>, more: TObjectOptions): JsonSchema {
	return {...Type.Object(properties, more)};
}
