import {type Abortable, type FailedTag, type ImageName, type TagName, findTagName} from '@stowage/core';
import {ConversionError} from './conversion-error.ts';
import {sameImage, targetName} from './image-names.ts';
import type {V1Source} from './v1-source.ts';

/** Which tags are meant: all unless told. */
export interface Selection extends Abortable {
	/** With or without `library/`. */
	readonly image?: string;
	readonly tag?: string;
}

export interface SelectedTag {
	/** As the source has it. */
	readonly source: string;
	readonly image: ImageName;
	readonly tag: TagName;
}

export interface SelectedTags {
	readonly tags: readonly SelectedTag[];
	/** What cannot have a name on the other side, and what cannot be looked at. */
	readonly failed: readonly FailedTag[];
}

/** In the order of the source. Rejects when the source cannot be read at all. */
export async function selectTags(source: V1Source, selection: Selection): Promise<SelectedTags> {
	const {signal} = selection;
	const tags: SelectedTag[] = [];
	const failed: FailedTag[] = [];
	for await (const name of source.listImages({signal})) {
		if (selection.image !== undefined && !sameImage(selection.image, name)) {
			continue;
		}
		try {
			for await (const tag of source.listTags(name, {signal})) {
				if (selection.tag === undefined || selection.tag === tag) {
					const selected = findNames(name, tag);
					if ('reason' in selected) {
						failed.push(selected);
					} else {
						tags.push(selected);
					}
				}
			}
		} catch (error) {
			if (!(error instanceof ConversionError)) {
				throw error;
			}
			failed.push({image: name, reason: error.message});
		}
	}
	return {tags, failed};
}

function findNames(source: string, tag: string): SelectedTag | FailedTag {
	const [image, name] = [targetName(source), findTagName(tag)];
	if (image !== undefined && name !== undefined) {
		return {source, image, tag: name};
	}
	const what = JSON.stringify(image === undefined ? source : tag);
	return {image: source, tag, reason: `no client of today can ask for ${what}`};
}
