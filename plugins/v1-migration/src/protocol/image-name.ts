import {type ImageName, RegistryError, type RouteContext} from '@stowage/core';

/** A name without a namespace is of `library`, as the reference implementation has it. */
export function completeName(name: string): string {
	return name.includes('/') ? name : `library/${name}`;
}

/** The name that the path has, which the gate has checked. */
export function imageOf({image}: RouteContext): ImageName {
	if (image === undefined) {
		throw new RegistryError('NAME_INVALID', 'no image is named');
	}
	return image;
}
