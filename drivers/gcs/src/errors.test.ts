import {type StorageErrorCode, MissingError} from '@stowage/core';
import test from 'ava';
import {
	BrokenSessionError,
	CredentialsError,
	RefusalError,
	TimeoutError,
	classifyError,
	credentialsFailure,
	isMissing,
} from './errors.ts';

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
	['a call that took too long', new TimeoutError(1), 'unavailable'],
	['a range past the end', new RefusalError('', {status: 416}), 'unknown'],
];

for (const [title, error, code] of cases) {
	test(`${title} is ${code}`, t => {
		t.is(classifyError(error), code);
		t.is(isMissing(error), code === 'not-found');
	});
}

const failures: readonly (readonly [title: string, cause: unknown, code: StorageErrorCode])[] = [
	['a busy end-point', Object.assign(new Error('busy'), {status: 503}), 'unavailable'],
	['a throttling end-point', new Error('failed', {cause: Object.assign(new Error(''), {status: 429})}), 'unavailable'],
	['a refusing end-point', Object.assign(new Error('invalid_grant'), {status: 400}), 'denied'],
	['an end-point out of reach', new SocketError('ECONNREFUSED'), 'unavailable'],
	['a lack of anything to authenticate with', new Error('none'), 'denied'],
];

for (const [title, cause, code] of failures) {
	test(`credentials that fail for ${title} are ${code}`, t => {
		t.is(classifyError(credentialsFailure(cause)), code);
	});
}
