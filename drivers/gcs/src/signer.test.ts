import test, {type ExecutionContext} from 'ava';
import {classifyError} from './errors.ts';
import {type GoogleServices, startGoogleServices} from './fixtures/google-services.ts';
import {isSignedFor} from './fixtures/is-signed-for.ts';
import {authorize, openStorage} from './open-storage.ts';
import {Requests} from './requests.ts';
import {Signer} from './signer.ts';

const asked = {expiresInSeconds: 90, contentType: 'text/example'};

/** Without a key, as on a machine or in a pod whose service account the metadata server knows. */
async function openSigner(t: ExecutionContext, limits: {readonly timeout?: number; readonly tries?: number} = {}) {
	const services: GoogleServices = await startGoogleServices(t);
	process.env['GCE_METADATA_HOST'] = services.url;
	t.teardown(() => delete process.env['GCE_METADATA_HOST']);
	const {timeout = 30_000, tries = 2} = limits;
	const storage = await openStorage({
		bucket: 'registry',
		prefix: '',
		authenticate: true,
		chunkMebibytes: 1,
		timeoutSeconds: timeout / 1000,
		tries,
	});
	const iam = new Requests({endpoint: services.url, authorize: url => authorize(storage, url), timeout, tries});
	const endpoint = 'https://storage.googleapis.com';
	const signer = new Signer(storage.authClient, iam, {endpoint, bucket: 'registry', userProject: 'payer', timeout});
	t.teardown(() => signer.close());
	return {signer, services};
}

test.serial('the IAM API signs where there is no key', async t => {
	const {signer, services} = await openSigner(t);
	const url = await signer.sign("some/where/it's (a)", asked);
	t.true(isSignedFor('GET', url));
	t.is(url.searchParams.get('userProject'), 'payer');
	t.is(url.searchParams.get('response-content-type'), 'text/example');
	t.is(services.asked.at(-1)?.authorization, 'Bearer of the machine');
});

test.serial('a busy IAM API is asked again, as often as other services', async t => {
	const {signer, services} = await openSigner(t, {tries: 3});
	services.refuse(/signBlob$/, 503, 2);
	t.true(isSignedFor('GET', await signer.sign('a', asked)));
	t.is(services.asked.filter(({line}) => line.endsWith(':signBlob')).length, 3);
});

for (const [status, code] of [
	[403, 'denied'],
	[404, 'denied'],
	[429, 'unavailable'],
	[503, 'unavailable'],
] as const) {
	test.serial(`an IAM API that answers ${status} is ${code}`, async t => {
		const {signer, services} = await openSigner(t, {tries: 1});
		services.refuse(/signBlob$/, status);
		const error = await t.throwsAsync(signer.sign('a', asked));
		t.is(classifyError(error), code);
		t.is(error?.message.includes('roles/iam.serviceAccountTokenCreator'), code === 'denied');
	});
}

for (const [who, lines] of [
	['IAM API', /signBlob$/],
	['metadata server', /email$/],
] as const) {
	test.serial(`a silent ${who} is not waited for`, async t => {
		const {signer, services} = await openSigner(t, {tries: 1, timeout: 300});
		services.refuse(lines, 'silence');
		t.is(classifyError(await t.throwsAsync(signer.sign('a', asked), {code: 'ETIMEDOUT'})), 'unavailable');
	});

	test.serial(`who gives up does not wait for a silent ${who}`, async t => {
		const {signer, services} = await openSigner(t);
		services.refuse(lines, 'silence');
		const signal = AbortSignal.timeout(200);
		t.is(await t.throwsAsync(signer.sign('a', {...asked, signal})), signal.reason);
	});
}
