import type {Json} from '@stowage/core';
import {type TSchema, Type} from 'typebox';

/** `null` is what some clients send for a field that is not set. */
function field(type: 'string' | 'boolean' | 'integer', description: string, more: object = {}): TSchema {
	return Type.Optional(Type.Unsafe<Json>({type: [type, 'null'], description, ...more}));
}

const text = (description: string) => field('string', description, {maxLength: 65_536});
const flag = (description: string) => field('boolean', description);
const count = (description: string, maximum = 2_147_483_647) => field('integer', description, {minimum: 0, maximum});
const texts = (description: string) =>
	Type.Optional(
		Type.Unsafe<Json>({type: ['array', 'null'], items: {type: 'string', maxLength: 1024}, maxItems: 1000, description}),
	);
const kept = 'Kept and shown, without effect here.';

/** Of every repository. */
const commonFields = {
	key: text('The key; the one in the path is meant when it is left out.'),
	rclass: text('`local`, `remote`, `virtual`, or another type that a plugin offers. Never changes.'),
	packageType: field('string', 'Docker and OCI repositories are one here.', {
		enum: ['docker', 'oci', 'Docker', 'OCI', null],
	}),
	storage: text('Name of the storage that new blobs go to; `default` unless told.'),
	description: text('A public description.'),
	notes: text('An internal description.'),
	includesPattern: text('Ant patterns of paths that the repository takes, with commas between.'),
	excludesPattern: text('Ant patterns of paths that it does not take.'),
	repoLayoutRef: text(kept),
	projectKey: text(kept),
	environments: texts(kept),
	blackedOut: flag('Whether the repository neither gives nor takes anything.'),
	propertySets: texts(kept),
	xrayIndex: flag(kept),
	priorityResolution: flag('Whether a virtual repository asks this member before those without it.'),
	archiveBrowsingEnabled: flag(kept),
	downloadRedirect: flag(kept),
	cdnRedirect: flag(kept),
	dockerApiVersion: field('string', 'The Docker API that it speaks.', {enum: ['V1', 'V2', null]}),
};

const localFields = {
	maxUniqueTags: count('How many tags an image keeps, the oldest go first; 0 for any number.', 1_000_000),
	dockerTagRetention: count(
		'How many manifests that a tag has named are kept, the current one among them; 1 unless told, 0 for any number.',
	),
	blockPushingSchema1: flag(
		'Local: refuses manifests of schema 1, unless told otherwise. Remote: does not fetch them.',
	),
};

const remoteFields = {
	url: text('The registry behind, such as `https://registry-1.docker.io/`.'),
	enableTokenAuthentication: flag('Whether the registry behind wants tokens.'),
	externalDependenciesEnabled: flag('Whether foreign layers are fetched.'),
	externalDependenciesPatterns: texts('Ant patterns of the addresses from where foreign layers may be fetched.'),
	externalDependenciesRemoteRepo: text(kept),
	dockerProjectId: text('The project, where the registry behind has several.'),
	username: text('Who asks the registry behind.'),
	password: field('string', 'Never shown. Left out of a change, it stays.', {writeOnly: true, maxLength: 65_536}),
	proxy: text('The proxy through which the registry behind is reached.'),
	disableProxy: flag(kept),
	hardFail: flag('Whether clients are told when the registry behind cannot be reached.'),
	offline: flag('Whether only what is cached is given.'),
	storeArtifactsLocally: flag('Always true for Docker.'),
	socketTimeoutMillis: count('How long the registry behind may take to answer.'),
	localAddress: text('Address of this machine that it is asked from.'),
	retrievalCachePeriodSecs: count('How long a tag is taken for what it was.'),
	metadataRetrievalTimeoutSecs: count('How long a list may take before the last one is given.'),
	missedRetrievalCachePeriodSecs: count('How long what was not there is taken for not there.'),
	unusedArtifactsCleanupPeriodHours: count('How long what nobody pulls stays cached; 0 for ever.'),
	assumedOfflinePeriodSecs: count('How long the registry behind is not asked after it could not be reached.'),
	synchronizeProperties: flag(kept),
	blockMismatchingMimeTypes: flag(kept),
	mismatchingMimeTypesOverrideList: text(kept),
	allowAnyHostAuth: flag('Whether credentials are sent to other hosts too.'),
	enableCookieManagement: flag(kept),
	bypassHeadRequests: flag(kept),
	clientTlsCertificate: text('PEM of a certificate to show to the registry behind, and of its private key.'),
	contentSynchronisation: Type.Optional(
		Type.Unsafe<Json>({type: ['object', 'null'], additionalProperties: true, description: kept}),
	),
	listRemoteFolderItems: flag(kept),
	disableUrlNormalization: flag(kept),
	queryParams: text(kept),
	remoteRepoLayoutRef: text(kept),
	shareConfiguration: flag(kept),
	curated: flag(kept),
	passThrough: flag(kept),
};

const virtualFields = {
	repositories: texts('Keys of the members, in the order in which they are asked.'),
	defaultDeploymentRepo: text('Key of the member that takes what is pushed.'),
	artifactoryRequestsCanRetrieveRemoteArtifacts: flag(kept),
	resolveDockerTagsByTimestamp: flag('Whether the local member wins where a tag was set last.'),
	virtualRetrievalCachePeriodSecs: count(kept),
};

/** Every field that Artifactory has for Docker, for requests. */
export const repositoryFields: Readonly<Record<string, TSchema>> = {
	...commonFields,
	...localFields,
	...remoteFields,
	...virtualFields,
};

/** What is kept of a field that is a part of the definition itself, and never an attribute. */
export const ownFields: ReadonlySet<string> = new Set(['key', 'rclass', 'type', 'storage', 'description']);

/** Never kept where the type does not know them, and never shown. */
export const secretFields: ReadonlySet<string> = new Set(['password']);
