import {RegistryError} from '@stowage/core';

/** Something about an account that cannot be; with status 400 unless told. The message is for who asked for it. */
export function accountError(message: string, status = 400): RegistryError {
	return new RegistryError(status === 404 ? 'NAME_UNKNOWN' : 'UNSUPPORTED', message, {status});
}
