import type {IncomingHttpHeaders} from 'node:http';
import type {RegistryError} from '../oci/registry-error.ts';

/** In what a protocol differs from what the server does for all of them. */
export interface ProtocolOptions {
	/**
	 * What the header `Authorization` would say of who asks in a way of the protocol's own: `Bearer <token>`. Undefined for
	 * who does not; then that header itself is looked at.
	 */
	authorization?(headers: IncomingHttpHeaders): string | undefined;
	/** The image that a name in a path means, also where rights are asked for; that name itself unless told. */
	imageName?(name: string): string;
	/** JSON of an answer that says what went wrong; in the form of Artifactory's API unless told. */
	errorBody?(error: RegistryError): object;
}
