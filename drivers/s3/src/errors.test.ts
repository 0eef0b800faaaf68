import {S3ServiceException} from '@aws-sdk/client-s3';
import {type StorageErrorCode, MissingError} from '@stowage/core';
import test from 'ava';
import {TooManyPartsError, classifyError, isMissing} from './errors.ts';

/** As the SDK throws it; answers without a body have no name of the service. */
function answer(httpStatusCode: number, name = 'UnknownError'): Error {
	return new S3ServiceException({name, message: '', $fault: 'client', $metadata: {httpStatusCode}});
}

/** As the SDK throws what is no answer. */
function failure(properties: {readonly name?: string; readonly code?: string}): Error {
	return Object.assign(new Error('failed'), properties);
}

const cases: readonly (readonly [title: string, error: unknown, code: StorageErrorCode])[] = [
	['an object that is not there', answer(404, 'NoSuchKey'), 'not-found'],
	['an object that is not there, told by status alone', answer(404), 'not-found'],
	['an upload that is not there', answer(404, 'NoSuchUpload'), 'not-found'],
	['a part that is not there', answer(400, 'InvalidPart'), 'not-found'],
	['an object that changed meanwhile', answer(412, 'PreconditionFailed'), 'not-found'],
	['what the driver itself did not find', new MissingError('no object'), 'not-found'],
	['a bucket that is not there', answer(404, 'NoSuchBucket'), 'unavailable'],
	['a refusal', answer(403, 'AccessDenied'), 'denied'],
	['a refusal, told by status alone', answer(403), 'denied'],
	['a key that nobody knows', answer(403, 'InvalidAccessKeyId'), 'denied'],
	['a wrong secret', answer(403, 'SignatureDoesNotMatch'), 'denied'],
	['a role that has ended', answer(400, 'ExpiredToken'), 'denied'],
	['a wrong clock', answer(403, 'RequestTimeTooSkewed'), 'denied'],
	['another region', answer(400, 'AuthorizationHeaderMalformed'), 'denied'],
	['a key of KMS that is off', answer(400, 'KMS.DisabledException'), 'denied'],
	['an archived object', answer(403, 'InvalidObjectState'), 'denied'],
	['a lack of anything to authenticate with', failure({name: 'CredentialsProviderError'}), 'denied'],
	['a quota', answer(403, 'QuotaExceeded'), 'full'],
	['a full disk', answer(507, 'XMinioStorageFull'), 'full'],
	['a full disk, told by status alone', answer(507), 'full'],
	['too large an object', answer(400, 'EntityTooLarge'), 'full'],
	['too many parts', new TooManyPartsError(''), 'full'],
	['a throttled caller', answer(503, 'SlowDown'), 'unavailable'],
	['a throttled caller, told by status alone', answer(429), 'unavailable'],
	['a failing service', answer(500, 'InternalError'), 'unavailable'],
	['a busy service', answer(503), 'unavailable'],
	['a gateway that waits', answer(504), 'unavailable'],
	['a call that took too long for the service', answer(400, 'RequestTimeout'), 'unavailable'],
	['a call that took too long', failure({name: 'TimeoutError'}), 'unavailable'],
	['a lost connection', failure({code: 'ECONNRESET'}), 'unavailable'],
	['a host that is not known', failure({code: 'ENOTFOUND'}), 'unavailable'],
	['a range past the end', answer(416, 'InvalidRange'), 'unknown'],
	['a call that the service does not know', answer(501, 'NotImplemented'), 'unknown'],
	['something that is no error', {name: 'NoSuchKey'}, 'unknown'],
];

for (const [title, error, code] of cases) {
	test(`${title} is ${code}`, t => {
		t.is(classifyError(error), code);
		t.is(isMissing(error), code === 'not-found');
	});
}
