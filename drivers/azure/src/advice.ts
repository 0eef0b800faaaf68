import {classifyError, errorCode} from './errors.ts';

/** What an operator can do about a storage that does not open. */
export function advice(cause: unknown): string {
	switch (errorCode(cause)) {
		case 'ContainerNotFound':
			return 'it does not exist; create it: az storage container create --name <container> --account-name <account>';
		case 'AuthenticationFailed':
			return 'the service does not accept the key or signature: check it, when it ends, and the clock of this machine';
		case 'AuthorizationPermissionMismatch':
		case 'AuthorizationFailure':
		case 'InsufficientAccountPermissions':
			return 'the identity may not do what is needed: give it the role "Storage Blob Data Contributor" on the container (a signature needs the permissions racwdl), and see whether the firewall of the account lets this machine in';
		case 'KeyBasedAuthenticationNotPermitted':
			return 'the account accepts no keys: leave "accountKey" out and use a managed identity';
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return 'there is no such host: check "account" and "endpoint"';
		case 'ECONNREFUSED':
		case 'ETIMEDOUT':
		case 'EHOSTUNREACH':
			return `${messageOf(cause)}: check "endpoint", and the firewalls on the way`;
		default:
			return classifyError(cause) === 'denied' ? `the service refuses: ${messageOf(cause)}` : messageOf(cause);
	}
}

function messageOf(cause: unknown): string {
	return cause instanceof Error ? (cause.message.split('\n')[0] ?? cause.name) : String(cause);
}
