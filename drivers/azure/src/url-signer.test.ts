import {AnonymousCredential, BlobServiceClient} from '@azure/storage-blob';
import test from 'ava';
import {DelegationError, classifyError} from './errors.ts';
import {scriptedService} from './fixtures/scripted-service.ts';
import {delegationKeySigner} from './url-signer.ts';

const request = {container: 'container', blob: 'a', expiresInSeconds: 60, plain: true};

test('an identity that may not sign is told which role it lacks', async t => {
	const {url} = await scriptedService(t, [[403, {'x-ms-error-code': 'AuthorizationPermissionMismatch'}]]);
	const sign = delegationKeySigner(new BlobServiceClient(url, new AnonymousCredential()), 'account');
	const error = await t.throwsAsync(sign(request), {instanceOf: DelegationError, message: /Storage Blob Delegator/});
	t.is(classifyError(error), 'denied');
});

test('a service that is busy while an identity signs is unavailable', async t => {
	const {url} = await scriptedService(t, [[503]]);
	const service = new BlobServiceClient(url, new AnonymousCredential(), {retryOptions: {maxTries: 1}});
	t.is(classifyError(await t.throwsAsync(delegationKeySigner(service, 'account')(request))), 'unavailable');
});
