import {type Static, Type} from 'typebox';

/** What an operator may say of a storage with `driver: filesystem`. */
export const filesystemOptions = Type.Object(
	{
		root: Type.String({
			minLength: 1,
			description: 'Folder that holds everything; made when it is missing. May be a symbolic link itself.',
		}),
		durable: Type.Boolean({
			default: true,
			description:
				'Whether bytes are on the disk (fsync of files and folders) before they are acknowledged. Without it they survive a crash of the process, not of the machine.',
		}),
		fileMode: Type.String({
			default: '0640',
			pattern: '^0[0-7]{3}$',
			description: 'Mode of new files, in octal, less the umask.',
		}),
		folderMode: Type.String({
			default: '0750',
			pattern: '^0[0-7]{3}$',
			description: 'Mode of new folders, in octal, less the umask.',
		}),
	},
	{additionalProperties: false},
);

export type FilesystemOptions = Static<typeof filesystemOptions>;
