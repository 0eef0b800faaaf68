import {type StorageErrorCode, MissingError} from '@stowage/core';
import test from 'ava';
import {BrokenSessionError, CredentialsError, RefusalError, classifyError, isMissing} from './errors.ts';

class SocketError extends Error {
	readonly code: string;

	constructor(code: string) {
		super(code);
		this.code = code;
	}
}

const noBucket = new RefusalError('The specified bucket does not exist.', {status: 404, reason: 'notFound'});

const cases: readonly (readonly [title: string, error: unknown, code: StorageErrorCode])[] = [
	['an object that is not there', new RefusalError('No such object', {status: 404}), 'not-found'],
	['an upload that is not there', new MissingError('gone'), 'not-found'],
	['a bucket that is not there', noBucket, 'unavailable'],
	['a refusal', new RefusalError('', {status: 403, reason: 'forbidden'}), 'denied'],
	['a token that has ended', new RefusalError('', {status: 401}), 'denied'],
	['a lack of credentials', new CredentialsError('none'), 'denied'],
	['a limit of calls', new RefusalError('', {status: 403, reason: 'rateLimitExceeded'}), 'unavailable'],
	['a throttled caller', new RefusalError('', {status: 429}), 'unavailable'],
	['a busy service', new RefusalError('', {status: 503}), 'unavailable'],
	['too large an object', new RefusalError('', {status: 413}), 'full'],
	['a broken session', new BrokenSessionError('lost'), 'unavailable'],
	['a lost connection', new SocketError('UND_ERR_SOCKET'), 'unavailable'],
	['a call that took too long', new SocketError('ETIMEDOUT'), 'unavailable'],
	['a range past the end', new RefusalError('', {status: 416}), 'unknown'],
];

for (const [title, error, code] of cases) {
	test(`${title} is ${code}`, t => {
		t.is(classifyError(error), code);
		t.is(isMissing(error), code === 'not-found');
	});
}
