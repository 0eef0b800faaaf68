import {servingSchemas} from '@stowage/core';
import {type Static, Type} from 'typebox';

const seconds = (description: string, standard: number) =>
	Type.Integer({description, default: standard, minimum: 0, maximum: 31_536_000});
const flag = (description: string, standard = false) => Type.Boolean({description, default: standard});
const text = (description: string, more: object = {}) =>
	Type.Optional(Type.String({description, minLength: 1, ...more}));
const secret = {writeOnly: true};

/** Options of a remote repository. Those that Artifactory has as well are called as it calls them. */
export const remoteOptions = Type.Object(
	{
		url: Type.String({
			description:
				'Address of the upstream: `https://registry-1.docker.io`, `https://ghcr.io`, `https://art.example/artifactory/api/docker/docker-local`. What follows a `/v2/` in it is put before the names of images.',
			pattern: '^https?://[^\\s?#@]+$',
		}),
		mirrorOf: text(
			'What clients call the registry whose content the upstream has, when that is another one: `docker.io` for a mirror of Docker Hub, where images without a slash are then in `library/`.',
			{pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$'},
		),
		username: text('Who to be at the upstream. Without it: nobody.'),
		password: text('Password or token of that user.', secret),
		enableTokenAuthentication: flag('Whether to get a token where the upstream asks for one.', true),
		trustedRealms: Type.Array(Type.String({pattern: '^https?://[^/?#@]+$'}), {
			description:
				'Scheme and host of token services on other hosts than the upstream that credentials may go to, such as `https://auth.example`. That of Docker Hub is known.',
			default: [],
		}),
		allowAnyHostAuth: flag('Whether credentials are sent on where the upstream redirects to another host.'),
		dockerProjectId: text('Project that is put before the names of images at the upstream.', {
			pattern: '^[a-z0-9._/-]+$',
		}),
		retrievalCachePeriodSecs: seconds(
			'How long a tag is taken for what it was before the upstream is asked again.',
			7200,
		),
		missedRetrievalCachePeriodSecs: seconds('How long what the upstream does not have is not asked for again.', 1800),
		metadataRetrievalTimeoutSecs: Type.Integer({
			description:
				'How long a manifest, a list or a token may take, with the time it waits for a connection; then what is stored is served.',
			default: 60,
			minimum: 1,
			maximum: 3600,
		}),
		socketTimeoutMillis: Type.Integer({
			description: 'How long the upstream may keep silent, before an answer and in the middle of a blob.',
			default: 15_000,
			minimum: 100,
			maximum: 3_600_000,
		}),
		assumedOfflinePeriodSecs: seconds('How long an upstream that could not be reached is not tried again.', 300),
		offline: flag('Whether the upstream is never asked, and only what is stored is served.'),
		hardFail: flag('Whether clients are told when the upstream fails, instead of getting what is stored.'),
		bypassHeadRequests: flag('Whether the upstream is never asked by HEAD, because it cannot answer that.'),
		unusedArtifactsCleanupPeriodHours: Type.Integer({
			description: 'How long what nobody asks for stays in the cache; 0 for ever.',
			default: 0,
			minimum: 0,
			maximum: 876_000,
		}),
		listsFromCache: flag(
			'Whether the cache is listed where the upstream lists nothing: Docker Hub has no catalog, and an upstream may be down. Without it such a catalog is empty.',
		),
		blockPushingSchema1: flag('Whether manifests of schema 1 are not fetched. Stored ones are still served.'),
		blockMismatchingMimeTypes: flag(
			'Whether what is sent as another type than a manifest has (HTML, text) is refused even if it reads like one.',
			true,
		),
		externalDependenciesEnabled: flag(
			'Whether foreign layers are fetched from the addresses that their manifest names.',
		),
		externalDependenciesPatterns: Type.Array(Type.String({minLength: 1, maxLength: 1000}), {
			description: 'Which of those addresses, as Ant patterns: `**`, `https://*.example/**`.',
			default: ['**'],
		}),
		allowPrivateAddresses: flag(
			'Whether the upstream, and whom it redirects to, may be in a private network or on this machine. Link-local addresses and those of metadata services stay refused.',
		),
		allowedAddresses: Type.Array(Type.String(), {
			description: 'Addresses and ranges (CIDR) that are allowed whatever they are.',
			default: [],
		}),
		proxy: text('Proxy to reach everything through: `http://proxy.example:3128`.', {
			pattern: '^https?://[^\\s/?#@]+/?$',
		}),
		proxyUsername: text('Who to be at the proxy.'),
		proxyPassword: text('Password of that user.', secret),
		clientTlsCertificate: text('PEM of a certificate to show to the upstream, and of its private key.', secret),
		caCertificates: text('PEM of the authorities to trust instead of those of the system.'),
		localAddress: text('Address of this machine to go out from.'),
		maxConnections: Type.Integer({
			description:
				'Connections to one host at a time for blobs, and as many again for manifests, lists and tokens, which do not wait for blobs.',
			default: 32,
			minimum: 1,
			maximum: 1000,
		}),
		priorityResolution: flag(
			'Whether a virtual repository asks this one before those of its members that do not say so.',
		),
		...servingSchemas,
	},
	{additionalProperties: false},
);

export type RemoteOptions = Static<typeof remoteOptions>;
