import {type Static, Type} from 'typebox';

const storageClasses = [
	'STANDARD',
	'STANDARD_IA',
	'ONEZONE_IA',
	'INTELLIGENT_TIERING',
	'GLACIER_IR',
	'REDUCED_REDUNDANCY',
	'EXPRESS_ONEZONE',
] as const;

/** What an operator may say of a storage with `driver: s3`. */
export const s3Options = Type.Object(
	{
		bucket: Type.String({minLength: 1, description: 'Bucket that holds everything. It must exist.'}),
		prefix: Type.String({
			default: '',
			maxLength: 100,
			pattern: '^([a-zA-Z0-9._-]+(/[a-zA-Z0-9._-]+)*)?$',
			description: 'Put before every name in the bucket, with a slash between. Nothing unless told.',
		}),
		region: Type.Optional(
			Type.String({
				minLength: 1,
				description:
					'Region of the bucket. What the environment (`AWS_REGION`, profile) says unless told; `us-east-1` with an `endpoint`.',
			}),
		),
		endpoint: Type.Optional(
			Type.String({
				format: 'uri',
				pattern: '^https?://',
				description:
					'Address of another service that speaks the protocol (MinIO, Ceph, R2, ...), or of a private end-point.',
			}),
		),
		publicEndpoint: Type.Optional(
			Type.String({
				format: 'uri',
				pattern: '^https?://',
				description:
					'Address under which clients reach the service, for signed addresses, where it differs from that of the registry.',
			}),
		),
		pathStyle: Type.Boolean({
			default: false,
			description:
				'Whether the bucket stands in the path of addresses and not in the host name, as most other services want it.',
		}),
		accessKeyId: Type.Optional(
			Type.String({
				minLength: 1,
				description:
					'Authenticates with a key. Without it the driver authenticates as the environment says: variables, profile, web identity, container or instance role.',
			}),
		),
		secretAccessKey: Type.Optional(
			Type.String({minLength: 1, writeOnly: true, description: 'The secret of that key.'}),
		),
		sessionToken: Type.Optional(
			Type.String({minLength: 1, writeOnly: true, description: 'Comes with a key that is good for a while only.'}),
		),
		profile: Type.Optional(
			Type.String({minLength: 1, description: 'Profile of the shared configuration files that the SDK reads.'}),
		),
		storageClass: Type.Optional(
			Type.Enum(storageClasses, {description: 'Storage class of new objects. That of the service unless told.'}),
		),
		encryption: Type.Optional(
			Type.Union([Type.Literal('AES256'), Type.Literal('aws:kms'), Type.Literal('aws:kms:dsse')], {
				description: 'Encryption by the service: with its own keys or with KMS. What the bucket says unless told.',
			}),
		),
		kmsKeyId: Type.Optional(
			Type.String({minLength: 1, description: 'Key of KMS to encrypt with. That of the account for S3 unless told.'}),
		),
		bucketKey: Type.Optional(
			Type.Boolean({
				description: 'Whether fewer calls of KMS are made, with a key of the bucket. What the bucket says unless told.',
			}),
		),
		partMebibytes: Type.Integer({
			default: 8,
			minimum: 5,
			maximum: 100,
			description: 'Size of the parts that an upload is cut into, in MiB. An object has 10,000 parts at most.',
		}),
		equalParts: Type.Boolean({
			default: false,
			description: 'Whether all parts but the last must be of one size, as R2 wants it.',
		}),
		parallelParts: Type.Integer({
			default: 3,
			minimum: 1,
			maximum: 16,
			description: 'Parts of one upload under way at a time. One upload holds one part more than this in memory.',
		}),
		copyMebibytes: Type.Integer({
			default: 1024,
			minimum: 5,
			maximum: 5120,
			description: 'Objects above this are copied within the service in parts of this size, in MiB, some at a time.',
		}),
		connections: Type.Integer({
			default: 256,
			minimum: 4,
			description: 'Connections at a time. Downloads hold one each, so further ones wait.',
		}),
		timeoutSeconds: Type.Integer({
			default: 60,
			minimum: 1,
			description: 'How long a connection may be silent, or an answer take to begin, a part to be sent included.',
		}),
		tries: Type.Integer({
			default: 5,
			minimum: 1,
			maximum: 10,
			description: 'How often a call is tried when the service is busy or a connection breaks.',
		}),
	},
	{
		additionalProperties: false,
		dependentRequired: {accessKeyId: ['secretAccessKey'], secretAccessKey: ['accessKeyId']},
	},
);

export type S3Options = Static<typeof s3Options>;
