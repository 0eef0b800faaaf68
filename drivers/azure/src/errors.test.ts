import {RestError} from '@azure/core-rest-pipeline';
import {AggregateAuthenticationError, AuthenticationError, CredentialUnavailableError} from '@azure/identity';
import {type StorageErrorCode, MissingError} from '@stowage/core';
import test from 'ava';
import {DelegationError, classifyError, isMissing} from './errors.ts';

/** As a chain of credentials tells of what its last one met. */
function chain(cause?: unknown): Error {
	const none = new CredentialUnavailableError('not there');
	return new AggregateAuthenticationError([none, new CredentialUnavailableError('failed', {cause})]);
}

const busy = Object.assign(new Error('busy'), {status: 503});
const throttled = new AuthenticationError(429, 'slow down');
const outOfReach = Object.assign(new Error('network_error'), {errorCode: 'network_error'});

const cases: readonly (readonly [title: string, error: unknown, code: StorageErrorCode])[] = [
	['a blob that is not there', new RestError('', {statusCode: 404, code: 'BlobNotFound'}), 'not-found'],
	['a blob that is not there, told by status alone', new RestError('', {statusCode: 404}), 'not-found'],
	['blocks that are not there', new RestError('', {statusCode: 400, code: 'InvalidBlockList'}), 'not-found'],
	['an object that is not there', new MissingError('no object'), 'not-found'],
	['a container that is not there', new RestError('', {statusCode: 404, code: 'ContainerNotFound'}), 'unavailable'],
	['a refusal', new RestError('', {statusCode: 403, code: 'AuthorizationFailure'}), 'denied'],
	['a missing login', new RestError('', {statusCode: 401}), 'denied'],
	['an identity that is not there', new CredentialUnavailableError('none'), 'denied'],
	['a chain without an identity', chain(), 'denied'],
	['an identity that is refused', chain(new AuthenticationError(400, 'no such identity')), 'denied'],
	['a wrong secret of an identity', new AuthenticationError(401, 'invalid_client'), 'denied'],
	['an identity that may not sign', new DelegationError({}), 'denied'],
	['an identity whose service is busy', chain(busy), 'unavailable'],
	['an identity whose service throttles', chain(throttled), 'unavailable'],
	['an identity whose service is out of reach', chain(outOfReach), 'unavailable'],
	['a busy service', new RestError('', {statusCode: 503, code: 'ServerBusy'}), 'unavailable'],
	['a failing service', new RestError('', {statusCode: 500, code: 'InternalError'}), 'unavailable'],
	['a throttled caller', new RestError('', {statusCode: 429}), 'unavailable'],
	['a lost connection', new RestError('', {code: 'ECONNRESET'}), 'unavailable'],
	['a call that took too long', new RestError('', {code: 'ETIMEDOUT'}), 'unavailable'],
	['an answer that is cut short', new RestError('', {statusCode: 200, code: 'PARSE_ERROR'}), 'unavailable'],
	['a refusal that is no XML', new RestError('', {statusCode: 403, code: 'PARSE_ERROR'}), 'denied'],
	['a request that did not get through', new RestError('', {code: 'REQUEST_SEND_ERROR'}), 'unavailable'],
	['too many blocks', new RestError('', {statusCode: 409, code: 'BlockCountExceedsLimit'}), 'full'],
	['a range past the end', new RestError('', {statusCode: 416, code: 'InvalidRange'}), 'unknown'],
	['something that is no error', {code: 'BlobNotFound'}, 'unknown'],
];

for (const [title, error, code] of cases) {
	test(`${title} is ${code}`, t => {
		t.is(classifyError(error), code);
		t.is(isMissing(error), code === 'not-found');
	});
}
