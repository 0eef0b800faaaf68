import {CredentialsError, RefusalError, classifyError, errorCode} from './errors.ts';

/** What an operator can do about a storage that does not open. */
export function advice(cause: unknown): string {
	const message = messageOf(cause);
	if (cause instanceof CredentialsError) {
		return `there are no credentials to use: ${message}; name a key file in "keyFile", or give the machine a service account (application default credentials)`;
	}
	if (cause instanceof RefusalError) {
		return adviceOnRefusal(cause);
	}
	switch (errorCode(cause)) {
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `${message}: check "apiEndpoint" and the name service`;
		case 'ECONNREFUSED':
		case 'ETIMEDOUT':
		case 'EHOSTUNREACH':
		case 'UND_ERR_CONNECT_TIMEOUT':
			return `${message}: check "apiEndpoint", and the firewalls on the way`;
		default:
			return message;
	}
}

function adviceOnRefusal(cause: RefusalError): string {
	if (cause.status === 404) {
		return 'it does not exist; create it: gcloud storage buckets create gs://<bucket> --uniform-bucket-level-access';
	}
	if (classifyError(cause) === 'denied') {
		return `${cause.message}; give the service account the role "Storage Object User" (roles/storage.objectUser) on the bucket`;
	}
	return cause.message;
}

function messageOf(cause: unknown): string {
	return cause instanceof Error ? (cause.message.split('\n')[0] ?? cause.name) : String(cause);
}
