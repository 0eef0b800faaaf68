import {type ImageName, findImageName} from '@stowage/core';

/** What V1 puts before names of one word; it is no part of them. */
const library = 'library/';

/** What clients called the image, and call it on the other side. Undefined when no client of today can. */
export function targetName(image: string): ImageName | undefined {
	return findImageName(image.startsWith(library) ? image.slice(library.length) : image);
}

/** Whether both are names of one image. */
export function sameImage(one: string, other: string): boolean {
	return withoutLibrary(one) === withoutLibrary(other);
}

function withoutLibrary(image: string): string {
	return image.startsWith(library) ? image.slice(library.length) : image;
}
