import {digestOf} from '@stowage/core';
import test, {type ExecutionContext} from 'ava';
import {startApp} from '../../http/fixtures/start-app.ts';

const vendor = (name: string) => ({
	'content-type': `application/vnd.org.jfrog.artifactory.repositories.${name}RepositoryConfiguration+json`,
});

async function start(t: ExecutionContext) {
	const app = await startApp();
	t.teardown(() => app.stop());
	const ask = async (method: string, path: string, body?: object, more: Record<string, string> = {}) => {
		const response = await fetch(`${app.url}/artifactory/${path}`, {
			method,
			headers: {authorization: app.admin, 'content-type': 'application/json', ...more},
			body: body && JSON.stringify(body),
		});
		const text = await response.text();
		return {
			status: response.status,
			headers: response.headers,
			text,
			json: () => JSON.parse(text) as Record<string, unknown>,
		};
	};
	return {app, ask};
}

/** As the Terraform provider 12 sends them: every attribute with its default. */
const terraformLocal = {
	key: 'tf-local',
	projectKey: '',
	rclass: 'local',
	packageType: 'docker',
	description: '',
	notes: '',
	includesPattern: '**/*',
	excludesPattern: '',
	repoLayoutRef: 'simple-default',
	environments: [],
	blackedOut: false,
	xrayIndex: false,
	priorityResolution: false,
	propertySets: [],
	archiveBrowsingEnabled: false,
	downloadRedirect: false,
	cdnRedirect: false,
	maxUniqueTags: 10,
	dockerTagRetention: 3,
	dockerApiVersion: 'V2',
	blockPushingSchema1: true,
};

const terraformRemote = {
	key: 'tf-remote',
	projectKey: '',
	rclass: 'remote',
	packageType: 'docker',
	url: 'https://registry-1.docker.io/',
	username: '',
	proxy: '',
	disableProxy: false,
	description: 'Hub',
	notes: '',
	includesPattern: '**/*',
	excludesPattern: '',
	repoLayoutRef: 'simple-default',
	remoteRepoLayoutRef: '',
	hardFail: false,
	offline: false,
	blackedOut: false,
	xrayIndex: false,
	queryParams: '',
	priorityResolution: false,
	storeArtifactsLocally: true,
	socketTimeoutMillis: 15_000,
	localAddress: '',
	retrievalCachePeriodSecs: 7200,
	missedRetrievalCachePeriodSecs: 1800,
	metadataRetrievalTimeoutSecs: 60,
	unusedArtifactsCleanupPeriodHours: 0,
	assumedOfflinePeriodSecs: 300,
	shareConfiguration: false,
	synchronizeProperties: false,
	blockMismatchingMimeTypes: true,
	mismatchingMimeTypesOverrideList: '',
	propertySets: [],
	allowAnyHostAuth: false,
	enableCookieManagement: false,
	bypassHeadRequests: false,
	clientTlsCertificate: '',
	downloadRedirect: false,
	cdnRedirect: false,
	disableUrlNormalization: false,
	listRemoteFolderItems: false,
	archiveBrowsingEnabled: false,
	contentSynchronisation: {
		enabled: false,
		statistics: {enabled: false},
		properties: {enabled: false},
		source: {originAbsenceDetection: false},
	},
	externalDependenciesEnabled: false,
	enableTokenAuthentication: true,
	blockPushingSchema1: true,
	dockerProjectId: '',
	curated: false,
	passThrough: false,
};

const terraformVirtual = {
	key: 'tf-virtual',
	projectKey: '',
	rclass: 'virtual',
	packageType: 'docker',
	description: '',
	notes: '',
	includesPattern: '**/*',
	excludesPattern: '',
	repoLayoutRef: 'simple-default',
	repositories: ['tf-local', 'tf-remote'],
	defaultDeploymentRepo: 'tf-local',
	artifactoryRequestsCanRetrieveRemoteArtifacts: false,
	resolveDockerTagsByTimestamp: true,
};

const commonFields = {
	environments: [],
	blackedOut: false,
	propertySets: [],
	xrayIndex: false,
	priorityResolution: false,
	archiveBrowsingEnabled: false,
	downloadRedirect: false,
	cdnRedirect: false,
};

/** What the provider reads besides what it sends. */
const alsoRead = ['externalDependenciesPatterns', 'externalDependenciesRemoteRepo', 'password'];

/** What the provider has of these fields: a text or a list that is empty is none. */
function stateOf(fields: object, sent: object): Record<string, unknown> {
	const known = new Set([...Object.keys(sent), ...alsoRead]);
	return Object.fromEntries(
		Object.entries(fields).filter(
			([name, value]) =>
				known.has(name) && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
		),
	);
}

test('Terraform makes, reads back without a difference, changes and destroys each kind of repository', async t => {
	const {ask} = await start(t);
	t.is((await ask('GET', 'api/system/version')).status, 200);
	const kinds = [
		{name: 'Local', sent: terraformLocal},
		{name: 'Remote', sent: terraformRemote},
		{name: 'Virtual', sent: terraformVirtual},
	] as const;
	for (const {name, sent} of kinds) {
		t.true([400, 404].includes((await ask('GET', `api/repositories/${sent.key}`)).status));
		const made = await ask('PUT', `api/repositories/${sent.key}`, sent, vendor(name));
		t.is(made.status, 200, made.text);
		const read = async () => stateOf((await ask('GET', `api/repositories/${sent.key}`)).json(), sent);
		t.deepEqual(await read(), stateOf(sent, sent));
		t.like((await ask('GET', `api/repositories/${sent.key}`)).json(), commonFields);
		const changed = {...sent, description: 'changed'};
		t.is((await ask('POST', `api/repositories/${sent.key}`, changed, vendor(name))).status, 200);
		t.deepEqual(await read(), stateOf(changed, sent));
	}
	for (const {sent} of kinds) {
		t.is((await ask('DELETE', `api/repositories/${sent.key}`)).status, 200);
		t.true([400, 404].includes((await ask('GET', `api/repositories/${sent.key}`)).status));
	}
});

test('Terraform unsets what it names with something that does not exist', async t => {
	const {ask} = await start(t);
	const none = `non-existant-value-${Date.now()}`;
	const members = ['docker-local', 'docker-dev'];
	const virtual = {...terraformVirtual, repositories: members, defaultDeploymentRepo: 'docker-local'};
	const remote = {...terraformRemote, proxy: 'http://proxy.example:3128'};
	for (const [sent, field] of [
		[virtual, 'defaultDeploymentRepo'],
		[remote, 'proxy'],
	] as const) {
		const path = `api/repositories/${sent.key}`;
		t.is((await ask('PUT', path, {...sent, [field]: none})).status, 400);
		t.is((await ask('PUT', path, sent)).status, 200);
		t.is((await ask('POST', path, {...sent, [field]: none})).status, 200);
		t.is((await ask('GET', path)).json()[field], '');
	}
	t.is((await ask('PUT', `api/repositories/${none}`, {rclass: 'local'})).status, 200);
	const named = {repositories: [none], defaultDeploymentRepo: none};
	t.is((await ask('POST', 'api/repositories/tf-virtual', named)).status, 200);
	t.like((await ask('GET', 'api/repositories/tf-virtual')).json(), named);
});

test('Terraform attaches a repository to a project, and detaches it', async t => {
	const {ask} = await start(t);
	const path = 'access/api/v1/projects/_/attach/repositories';
	const project = async () => (await ask('GET', 'api/repositories/docker-local')).json()['projectKey'];
	t.is((await ask('PUT', `${path}/docker-local/team?force=true`)).status, 204);
	t.is(await project(), 'team');
	t.is((JSON.parse((await ask('GET', 'api/repositories?project=team')).text) as unknown[]).length, 1);
	t.is((await ask('DELETE', `${path}/docker-local`)).status, 204);
	t.is(await project(), '');
	t.is((await ask('PUT', `${path}/never/team`)).status, 404);
	t.is((await ask('DELETE', `${path}/never`)).status, 404);
});

test('the addresses of foreign layers are shown while these are fetched', async t => {
	const {ask} = await start(t);
	await ask('PUT', 'api/repositories/tf-remote', terraformRemote);
	const patterns = async () => (await ask('GET', 'api/repositories/tf-remote')).json()['externalDependenciesPatterns'];
	t.is(await patterns(), undefined);
	await ask('POST', 'api/repositories/tf-remote', {externalDependenciesEnabled: true});
	t.deepEqual(await patterns(), ['**']);
});

test('jf rt repo-create, repo-update and repo-delete, of one and of several', async t => {
	const {ask} = await start(t);
	t.is((await ask('GET', 'api/system/ping')).text, 'OK');
	await ask('POST', 'api/system/usage', {productId: 'jfrog-cli-go/2.60.0', features: [{featureId: 'rt_repo_create'}]});
	const template = {key: 'jf-local', rclass: 'local', packageType: 'docker', description: 'x', maxUniqueTags: 3};
	t.is((await ask('PUT', 'api/repositories/jf-local', template)).status, 200);
	t.is((await ask('POST', 'api/repositories/jf-local', {...template, description: 'y'})).status, 200);
	const several = [1, 2].map(number => ({...template, key: `jf-${number}`}));
	t.is((await ask('PUT', 'api/v2/repositories/batch', several)).status, 201);
	t.is((await ask('POST', 'api/v2/repositories/batch', several)).status, 200);
	for (const key of ['jf-local', 'jf-1', 'jf-2']) {
		t.is((await ask('DELETE', `api/repositories/${key}`)).status, 200);
	}
});

test('jf docker push and docker-promote: whose the image is, and the promotion', async t => {
	const {app, ask} = await start(t);
	await ask('PUT', 'api/repositories/docker', {
		rclass: 'virtual',
		repositories: ['docker-local'],
		defaultDeploymentRepo: 'docker-local',
	});
	const headers = {authorization: app.admin};
	const config = Buffer.from('{}');
	const url = `${app.url}/v2/docker/team/app`;
	await fetch(`${url}/blobs/uploads/?digest=${digestOf(config)}`, {method: 'POST', headers, body: config});
	const mediaType = 'application/vnd.oci.image.manifest.v1+json';
	const described = {mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: 2};
	const body = JSON.stringify({schemaVersion: 2, mediaType, config: described, layers: []});
	const put = await fetch(`${url}/manifests/1.0`, {
		method: 'PUT',
		headers: {...headers, 'content-type': mediaType},
		body,
	});
	t.is(put.status, 201);
	const head = await fetch(`${url}/manifests/1.0`, {method: 'HEAD', headers});
	t.is(head.headers.get('x-artifactory-docker-registry'), 'docker-local');
	t.like((await ask('GET', 'api/repositories/docker')).json(), {
		key: 'docker',
		rclass: 'virtual',
		defaultDeploymentRepo: 'docker-local',
	});
	const promotion = {
		targetRepo: 'docker-dev',
		dockerRepository: 'team/app',
		targetDockerRepository: '',
		tag: '1.0',
		targetTag: '',
		copy: true,
	};
	t.is((await ask('POST', 'api/docker/docker-local/v2/promote', promotion)).status, 200);
	// An image and a tag are folders, a manifest and a config are files.
	t.is((await ask('DELETE', 'api/repositories/docker-local')).json()['deletedArtifactsCount'], 4);
	t.deepEqual((await ask('GET', 'api/docker/docker-dev/v2/_catalog')).json(), {repositories: ['team/app']});
	t.deepEqual((await ask('GET', 'api/docker/docker-dev/v2/team/app/tags/list')).json(), {
		name: 'team/app',
		tags: ['1.0'],
	});
});
