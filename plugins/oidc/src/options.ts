import {type Static, Type} from 'typebox';

/** Algorithms with a public key (RFC 7518, RFC 8037): one that checks with a secret would take the public key for it. */
export const algorithms = [
	'RS256',
	'RS384',
	'RS512',
	'PS256',
	'PS384',
	'PS512',
	'ES256',
	'ES384',
	'ES512',
	'EdDSA',
	'Ed25519',
] as const;

const day = 86_400;
const text = (description: string, more: object = {}) => Type.String({description, minLength: 1, ...more});
const claim = (description: string) => Type.Optional(text(description));

const mapping = Type.Object(
	{
		name: text('Of the mapping, in names and descriptions of tokens.', {
			pattern: '^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$',
		}),
		claims: Type.Record(
			Type.String(),
			Type.Union([Type.String(), Type.Array(Type.String(), {minItems: 1})], {
				description: 'What the claim `<name>` must be, or one of several; `*` stands for any characters.',
			}),
			{
				description: 'What all must be true of the token. A claim that is a list has to have one such entry.',
				minProperties: 1,
			},
		),
		username: Type.Optional(
			text('User for whom the token is. Without it: nobody who is a user, called `<authenticator>/<mapping>`.'),
		),
		scope: text(
			'What the token is good for: `applied-permissions/groups:ci`, or of the user `artifact:docker-dev/team/**:r,w` or `applied-permissions/user`.',
		),
		expiresInSeconds: Type.Integer({
			description: 'How long the token of this registry is good.',
			default: 600,
			minimum: 60,
			maximum: day,
		}),
	},
	{additionalProperties: false},
);

/** Options of an OpenID provider. */
export const oidcOptions = Type.Object(
	{
		issuer: text(
			'Address of the provider, exactly as it stands in its tokens: `https://token.actions.githubusercontent.com`.',
			{
				pattern: '^https?://[^\\s?#@]+$',
			},
		),
		audiences: Type.Array(text('An audience.'), {
			description:
				'For whom tokens must be made: the client id of `stowage login`, or what a CI job asks its token for.',
			minItems: 1,
		}),
		algorithms: Type.Array(Type.Enum([...algorithms]), {
			description: 'Algorithms by which tokens may be signed.',
			default: ['RS256', 'PS256', 'ES256', 'EdDSA'],
			minItems: 1,
		}),
		clockToleranceSeconds: Type.Integer({
			description: 'How far the clocks of the provider and of this server may be apart.',
			default: 30,
			minimum: 0,
			maximum: 300,
		}),
		mappings: Type.Array(mapping, {
			description: 'What tokens are worth that were given to builds and not to people. The first one that fits counts.',
			default: [],
		}),
		usernameClaim: claim(
			'Claim with the name of a person: `preferred_username`. Without it tokens of people are worth nothing. Never with a provider where anybody chooses his name.',
		),
		groupsClaim: claim('Claim with the names of his groups: `groups`.'),
		emailClaim: claim('Claim with his address, taken where the provider says `email_verified`: `email`.'),
		userTokenSeconds: Type.Integer({
			description: 'How long the token of this registry is good that a person gets.',
			default: 3600,
			minimum: 60,
			maximum: 30 * day,
		}),
		keysSeconds: Type.Integer({
			description:
				'How long the keys of the provider are taken for what they were. A key that is not known is looked for at once.',
			default: 600,
			minimum: 10,
			maximum: day,
		}),
		timeoutSeconds: Type.Integer({
			description: 'How long an answer of the provider may take.',
			default: 10,
			minimum: 1,
			maximum: 25,
		}),
		caCertificates: Type.Optional(text('PEM of the authorities to trust instead of those of the system.')),
		allowUnencrypted: Type.Boolean({
			description: 'Whether keys may come over `http://`, where anybody on the way can put in his own.',
			default: false,
		}),
		allowPrivateAddresses: Type.Boolean({
			description:
				'Whether the provider may be in a private network or on this machine. Link-local addresses and those of metadata services stay refused.',
			default: false,
		}),
		allowedAddresses: Type.Array(Type.String(), {
			description: 'Addresses and ranges (CIDR) that are allowed whatever they are.',
			default: [],
		}),
	},
	{additionalProperties: false},
);

export type OidcOptions = Static<typeof oidcOptions>;
export type IdentityMapping = Static<typeof mapping>;
