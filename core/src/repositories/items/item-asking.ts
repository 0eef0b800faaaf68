import type {Action} from '../../access/action.ts';
import type {Caller} from '../../access/caller.ts';
import {everythingCaller} from '../../access/everything-caller.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {Abortable} from '../../types/abortable.ts';
import {findImages} from './item-path.ts';

/** Who asks for something to be done to items. */
export interface ItemAsking extends Abortable {
	readonly caller: Caller;
	/** Throws unless he may do this. */
	readonly demand: (action: Action, repository: string, image?: ImageName) => void;
}

/**
 * For what was not found: throws unless the caller may do this to some image that the path could be of. So nobody learns
 * what is there from the difference between what he may not do and what is not there.
 */
export function demandItem({caller, demand}: ItemAsking, action: Action, repository: string, path: string): void {
	const images = findImages(path);
	if (!images.some(image => caller.may(action, repository, image))) {
		demand(action, repository, images[0]);
	}
}

/** The same who may do everything, for what is decided afterwards. */
export function everything({name}: Caller): Caller {
	return everythingCaller(name);
}
