import type {Json} from '@stowage/core';

type Fields = Readonly<Record<string, Json>>;

const common: Fields = {
	packageType: 'docker',
	notes: '',
	includesPattern: '**/*',
	excludesPattern: '',
	repoLayoutRef: 'simple-default',
	projectKey: '',
	environments: [],
	dockerApiVersion: 'V2',
};

const ofContent: Fields = {
	blackedOut: false,
	propertySets: [],
	xrayIndex: false,
	priorityResolution: false,
	archiveBrowsingEnabled: false,
	downloadRedirect: false,
	cdnRedirect: false,
};

const local: Fields = {
	...common,
	...ofContent,
	maxUniqueTags: 0,
	dockerTagRetention: 1,
	blockPushingSchema1: true,
};

const remote: Fields = {
	...common,
	...ofContent,
	url: '',
	enableTokenAuthentication: false,
	externalDependenciesEnabled: false,
	blockPushingSchema1: false,
	dockerProjectId: '',
	username: '',
	proxy: '',
	disableProxy: false,
	hardFail: false,
	offline: false,
	storeArtifactsLocally: true,
	socketTimeoutMillis: 15_000,
	localAddress: '',
	retrievalCachePeriodSecs: 7200,
	metadataRetrievalTimeoutSecs: 60,
	missedRetrievalCachePeriodSecs: 1800,
	unusedArtifactsCleanupPeriodHours: 0,
	assumedOfflinePeriodSecs: 300,
	synchronizeProperties: false,
	blockMismatchingMimeTypes: true,
	mismatchingMimeTypesOverrideList: '',
	allowAnyHostAuth: false,
	enableCookieManagement: false,
	bypassHeadRequests: false,
	clientTlsCertificate: '',
	contentSynchronisation: {
		enabled: false,
		statistics: {enabled: false},
		properties: {enabled: false},
		source: {originAbsenceDetection: false},
	},
	listRemoteFolderItems: false,
	disableUrlNormalization: false,
	queryParams: '',
	remoteRepoLayoutRef: '',
	shareConfiguration: false,
	curated: false,
	passThrough: false,
	maxUniqueTags: 0,
};

const virtual: Fields = {
	...common,
	...ofContent,
	repositories: [],
	defaultDeploymentRepo: '',
	artifactoryRequestsCanRetrieveRemoteArtifacts: false,
	resolveDockerTagsByTimestamp: false,
	externalDependenciesEnabled: false,
	externalDependenciesRemoteRepo: '',
	virtualRetrievalCachePeriodSecs: 0,
};

const byClass: ReadonlyMap<string, Fields> = new Map([
	['local', local],
	['remote', remote],
	['virtual', virtual],
]);

/** What Artifactory does where nothing was said and a type of ours would do something else. */
const ownDefaults: ReadonlyMap<string, Fields> = new Map([
	['local', {dockerTagRetention: 1, blockPushingSchema1: true}],
]);

/** Options that a repository of this class gets when it is made here and they are not told. */
export function optionDefaults(rclass: string): Fields {
	return ownDefaults.get(rclass) ?? {};
}

/** What Artifactory shows of a Docker repository of this class for what was never said. */
export function fieldDefaults(rclass: string): Fields {
	return byClass.get(rclass) ?? common;
}
