import {RegistryError, type RegistryErrorOptions} from '@stowage/core';

/** An error of the REST API, which shows status and message and no code. The message is for the client's eyes. */
export function restError(
	status: number,
	message: string,
	options: Omit<RegistryErrorOptions, 'status'> = {},
): RegistryError {
	return new RegistryError(status === 404 ? 'NAME_UNKNOWN' : 'UNSUPPORTED', message, {...options, status});
}
