import {type Static, Type} from 'typebox';

/** What an operator may say of a storage with `driver: azure`. */
export const azureOptions = Type.Object(
	{
		container: Type.String({
			pattern: '^(\\$root|[a-z0-9](-?[a-z0-9])+)$',
			minLength: 3,
			maxLength: 63,
			description: 'Container that holds everything. It must exist.',
		}),
		prefix: Type.String({
			default: '',
			pattern: '^([a-z0-9._-]+(/[a-z0-9._-]+)*)?$',
			description: 'Put before every name in the container, with a slash between. Nothing unless told.',
		}),
		account: Type.Optional(
			Type.String({
				pattern: '^[a-z0-9]{3,24}$',
				description: 'Storage account. Needed unless there is a `connectionString`.',
			}),
		),
		endpoint: Type.Optional(
			Type.String({
				format: 'uri',
				pattern: '^https?://',
				description:
					'Address of the blob service, for other clouds, private endpoints and emulators. `https://<account>.blob.core.windows.net` unless told.',
			}),
		),
		accountKey: Type.Optional(
			Type.String({minLength: 1, writeOnly: true, description: 'Authenticates by one of the two keys of the account.'}),
		),
		sas: Type.Optional(
			Type.String({
				minLength: 1,
				writeOnly: true,
				description:
					'Authenticates by a shared access signature for the container or the account, with the permissions `racwdl`. There are no signed addresses then.',
			}),
		),
		connectionString: Type.Optional(
			Type.String({
				minLength: 1,
				writeOnly: true,
				description: 'Account, address and key or signature in one, as the portal shows it.',
			}),
		),
		managedIdentityClientId: Type.Optional(
			Type.String({
				minLength: 1,
				description:
					'Client id of a user-assigned managed identity. Without key, signature and connection string the driver authenticates as the environment says: managed identity, workload identity, environment variables, Azure CLI.',
			}),
		),
		accessTier: Type.Optional(
			Type.Union([Type.Literal('Hot'), Type.Literal('Cool'), Type.Literal('Cold')], {
				description: 'Access tier of new blobs. That of the account unless told.',
			}),
		),
		encryptionScope: Type.Optional(
			Type.String({
				pattern: '^[a-z0-9](-?[a-z0-9])+$',
				minLength: 3,
				maxLength: 63,
				description:
					'Encryption scope of the account that blobs are encrypted with. That of the container unless told.',
			}),
		),
		blockMebibytes: Type.Integer({
			default: 8,
			minimum: 1,
			maximum: 100,
			description: 'Size of the blocks that an upload is cut into, in MiB. A blob has 50,000 blocks at most.',
		}),
		parallelBlocks: Type.Integer({
			default: 3,
			minimum: 1,
			maximum: 16,
			description: 'Blocks of one upload under way at a time. One upload holds one block more than this in memory.',
		}),
		timeoutSeconds: Type.Integer({
			default: 60,
			minimum: 1,
			description: 'How long the service may take to begin its answer, a block to be sent included.',
		}),
		tries: Type.Integer({
			default: 5,
			minimum: 1,
			maximum: 10,
			description: 'How often a call is tried when the service is busy or a connection breaks.',
		}),
	},
	{additionalProperties: false},
);

export type AzureOptions = Static<typeof azureOptions>;
