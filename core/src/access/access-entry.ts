import {type ImageName, findImageName} from '../oci/image-name.ts';
import {type Action, isAction} from './action.ts';
import type {Rights} from './rights.ts';

/** One thing that a token was issued for. What it allows is never more than what its owner may do himself. */
export interface AccessEntry {
	/** The repository key; `*` for every repository. */
	readonly repository: string;
	/** `*` for every image of the repository. */
	readonly image: ImageName | '*';
	readonly actions: readonly Action[];
}

/** What both the entries and the rights of their owner allow; asked as `Caller.may` is. */
export function limitRights(rights: Pick<Rights, 'may'>, entries: readonly AccessEntry[]): Rights['may'] {
	return (action, repository, image) => {
		for (const entry of entries) {
			if (covers(entry, repository, image) && entry.actions.includes(action)) {
				const asked = entry.image === '*' ? image : entry.image;
				if (rights.may(action, repository, asked)) {
					return true;
				}
			}
		}
		return false;
	};
}

function covers(entry: AccessEntry, repository: string, image: ImageName | undefined): boolean {
	return (
		(entry.repository === repository || entry.repository === '*') &&
		(image === undefined || entry.image === image || entry.image === '*')
	);
}

/** Undefined when `value`, which comes out of a token, is not a list of entries. */
export function findAccessEntries(value: unknown): readonly AccessEntry[] | undefined {
	return Array.isArray(value) && value.every(isAccessEntry) ? value : undefined;
}

function isAccessEntry(value: unknown): value is AccessEntry {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const {repository, image, actions} = value as Partial<Record<keyof AccessEntry, unknown>>;
	return typeof repository === 'string' && isImage(image) && Array.isArray(actions) && actions.every(isAction);
}

function isImage(value: unknown): boolean {
	return value === '*' || (typeof value === 'string' && findImageName(value) !== undefined);
}
