import {type Static, Type} from 'typebox';

/** What an operator may say of a storage with `driver: gcs`. */
export const gcsOptions = Type.Object(
	{
		bucket: Type.String({
			pattern: '^[a-z0-9][a-z0-9._-]+[a-z0-9]$',
			minLength: 3,
			maxLength: 222,
			description: 'Bucket that holds everything. It must exist.',
		}),
		prefix: Type.String({
			default: '',
			pattern: '^([a-z0-9._-]+(/[a-z0-9._-]+)*)?$',
			description: 'Put before every name in the bucket, with a slash between. Nothing unless told.',
		}),
		keyFile: Type.Optional(
			Type.String({
				minLength: 1,
				description:
					'File with the key of a service account, or with a configuration of workload identity federation, as JSON. Without it and without `credentials` the driver authenticates by application default credentials.',
			}),
		),
		credentials: Type.Optional(
			Type.Object(
				{
					client_email: Type.String({minLength: 1, description: 'Address of the service account.'}),
					private_key: Type.String({
						minLength: 1,
						writeOnly: true,
						description: 'Private key of the service account, in PEM.',
					}),
				},
				{
					additionalProperties: false,
					description: 'Key of a service account, here instead of in a `keyFile`. Both parts are needed then.',
				},
			),
		),
		apiEndpoint: Type.Optional(
			Type.String({
				format: 'uri',
				pattern: '^https?://',
				description:
					'Address of the service, for private endpoints and emulators. `https://storage.googleapis.com` unless told.',
			}),
		),
		authenticate: Type.Boolean({
			default: true,
			description: 'Whether calls carry a token. Emulators want none.',
		}),
		userProject: Type.Optional(
			Type.String({minLength: 1, description: 'Project that is billed, for a bucket whose requesters pay.'}),
		),
		storageClass: Type.Optional(
			Type.Union(
				[Type.Literal('STANDARD'), Type.Literal('NEARLINE'), Type.Literal('COLDLINE'), Type.Literal('ARCHIVE')],
				{description: 'Storage class of new objects. That of the bucket unless told.'},
			),
		),
		kmsKeyName: Type.Optional(
			Type.String({
				pattern: '^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$',
				description: 'Key in Cloud KMS that new objects are encrypted with. That of the bucket unless told.',
			}),
		),
		chunkMebibytes: Type.Integer({
			default: 8,
			minimum: 1,
			maximum: 100,
			description:
				'What an upload sends at a time, in MiB, and has in memory to send it again. The service holds up the upload for a moment after each.',
		}),
		timeoutSeconds: Type.Integer({
			default: 60,
			minimum: 1,
			description: 'How long the service may take to begin its answer, or be silent while it gives one.',
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

export type GcsOptions = Static<typeof gcsOptions>;
