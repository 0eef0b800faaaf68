import {RegistryError} from '../oci/registry-error.ts';

/** The repository takes no manifests of this type. Nothing has been changed. */
export class RefusedTypeError extends RegistryError {
	constructor(mediaType: string) {
		super(
			'MANIFEST_INVALID',
			`this repository takes no manifests of the type ${mediaType}: push with a current client`,
			{
				detail: {mediaType},
			},
		);
	}
}
