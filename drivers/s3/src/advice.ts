import {classifyError, errorCode, errorStatus} from './errors.ts';

/** What an operator can do about a storage that does not open. */
export function advice(cause: unknown): string {
	const words = [nameOf(cause), errorCode(cause)];
	const known = words.flatMap(word => (word !== undefined && Object.hasOwn(advices, word) ? [advices[word]] : []));
	if (known[0] !== undefined) {
		return known[0];
	}
	if (errorStatus(cause) === 301 || errorStatus(cause) === 307) {
		return 'the bucket is in another region: set "region"';
	}
	if (cause instanceof Error && cause.message.includes('Region is missing')) {
		return 'no region is known: set "region"';
	}
	return classifyError(cause) === 'denied' ? `the service refuses: ${messageOf(cause)}` : messageOf(cause);
}

const advices: Readonly<Record<string, string>> = {
	NoSuchBucket: 'it does not exist; create it: aws s3 mb s3://<bucket> --region <region>',
	PermanentRedirect: 'the bucket is in another region: set "region"',
	AuthorizationHeaderMalformed: 'the bucket is in another region: set "region"',
	AccessDenied:
		'the key or role may not do what is needed: give it s3:ListBucket and s3:ListBucketMultipartUploads on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects',
	InvalidAccessKeyId: 'the service does not know the key: check "accessKeyId", and "endpoint" if it is another service',
	SignatureDoesNotMatch: 'the service does not accept the signature: check "secretAccessKey" and "region"',
	RequestTimeTooSkewed: 'the clock of this machine is wrong',
	ExpiredToken: 'the key or role was good for a while only, and that is over',
	CredentialsProviderError:
		'there is nothing to authenticate with: set "accessKeyId" and "secretAccessKey", or the variables, the profile or the role that the SDK looks for',
	ENOTFOUND: 'there is no such host: check "region", "endpoint" and "pathStyle"',
	EAI_AGAIN: 'there is no such host: check "region", "endpoint" and "pathStyle"',
	ECONNREFUSED: 'nothing listens there: check "endpoint", and the firewalls on the way',
	TimeoutError: 'nothing answers: check "endpoint", and the firewalls on the way',
};

function nameOf(cause: unknown): string | undefined {
	return cause instanceof Error ? cause.name : undefined;
}

function messageOf(cause: unknown): string {
	if (!(cause instanceof Error)) {
		return String(cause);
	}
	const status = errorStatus(cause);
	const message = cause.message.split('\n')[0] ?? cause.name;
	return status === undefined ? message : `${message} (status ${status})`;
}
