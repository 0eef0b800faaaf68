import {type Static, Type} from 'typebox';

const login = {
	host: Type.String({minLength: 1, description: 'Name or address of the server.'}),
	port: Type.Integer({minimum: 1, maximum: 65_535, default: 22, description: 'Port of its SSH service.'}),
	username: Type.String({minLength: 1, description: 'Who logs in.'}),
	password: Type.Optional(
		Type.String({writeOnly: true, description: 'Password; also given to a server that asks for it in a dialogue.'}),
	),
	privateKey: Type.Optional(
		Type.String({writeOnly: true, description: 'Private key as text, in the format of OpenSSH or PEM.'}),
	),
	privateKeyFile: Type.Optional(
		Type.String({minLength: 1, description: 'File with the private key; read again for every connection.'}),
	),
	passphrase: Type.Optional(Type.String({writeOnly: true, description: 'What the private key is encrypted with.'})),
	agent: Type.Optional(
		Type.String({minLength: 1, description: 'Socket of an SSH agent that has the key, as in `SSH_AUTH_SOCK`.'}),
	),
	hostFingerprints: Type.Array(Type.String({pattern: '^SHA256:[A-Za-z0-9+/]{43}$'}), {
		default: [],
		description:
			'Fingerprints of the host keys to believe, as `ssh-keygen -l` prints them. A server with any other is refused, and the message shows what its fingerprint is.',
	}),
};

/** What an operator may say of a storage with `driver: sftp`. */
export const sftpOptions = Type.Object(
	{
		...login,
		jump: Type.Optional(
			Type.Object(login, {
				additionalProperties: false,
				description: 'Host to connect through, with a login of its own: the same members as above.',
			}),
		),
		root: Type.String({
			minLength: 1,
			description:
				'Folder on the server that holds everything; made when it is missing. May be a symbolic link itself, and is relative to the login folder unless it starts with `/`.',
		}),
		connections: Type.Integer({
			default: 4,
			minimum: 1,
			maximum: 64,
			description: 'Connections at a time, for all uploads, downloads and other calls of one process together.',
		}),
		connectTimeoutSeconds: Type.Integer({
			default: 20,
			minimum: 1,
			maximum: 600,
			description: 'How long connecting and logging in may take.',
		}),
		timeoutSeconds: Type.Integer({
			default: 60,
			minimum: 1,
			maximum: 3_600,
			description: 'How long the server may leave requests of a connection without any answer.',
		}),
		keepaliveSeconds: Type.Integer({
			default: 15,
			minimum: 0,
			maximum: 3_600,
			description: 'How often a connection is tried; three failures in a row end it. 0 for never.',
		}),
		durable: Type.Boolean({
			default: true,
			description:
				'Whether bytes are on the disk of the server (fsync, where it offers that) before they are acknowledged.',
		}),
		fileMode: Type.String({
			default: '0640',
			pattern: '^0[0-7]{3}$',
			description: 'Mode of new files, in octal, less the umask of the server.',
		}),
		folderMode: Type.String({
			default: '0750',
			pattern: '^0[0-7]{3}$',
			description: 'Mode of new folders, in octal, less the umask of the server.',
		}),
	},
	{additionalProperties: false},
);

export type SftpOptions = Static<typeof sftpOptions>;

/** How to log in to one host. */
export type LoginOptions = NonNullable<SftpOptions['jump']>;
