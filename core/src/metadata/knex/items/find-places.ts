import type {Digest} from '../../../oci/digest.ts';
import type {ImageName} from '../../../oci/image-name.ts';
import type {TagName} from '../../../oci/tag-name.ts';
import type {PropertyPlace} from '../../property-records.ts';
import {chunks} from '../chunks.ts';
import {lockImage} from '../image-rows.ts';
import type {Session} from '../session.ts';

/** A place that is there. */
export interface FoundPlace extends PropertyPlace {
	readonly imageId?: number;
	readonly manifestId?: number;
}

/** Those of the places that are there, each once. What they are of stays until the transaction ends. */
export async function findPlaces(
	session: Session,
	repository: number,
	places: readonly PropertyPlace[],
): Promise<readonly FoundPlace[]> {
	const found: FoundPlace[] = [];
	const each = new Map(places.map(place => [place.path, place])).values();
	const byImage = [...Map.groupBy(each, place => place.image)];
	for (const [image, ofImage] of byImage.toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1))) {
		found.push(...(image === undefined ? ofImage : await findOfImage(session, {repository, image, places: ofImage})));
	}
	return found;
}

async function findOfImage(
	session: Session,
	{
		repository,
		image,
		places,
	}: {readonly repository: number; readonly image: ImageName; readonly places: readonly PropertyPlace[]},
): Promise<readonly FoundPlace[]> {
	const imageId = await lockImage(session, repository, image);
	if (imageId === undefined) {
		return [];
	}
	const tags = await readTags(session, imageId, namesOf(places.map(({tag}) => tag)));
	const manifests = await readManifests(session, imageId, namesOf(places.map(({manifest}) => manifest)));
	return places.flatMap(place => {
		const manifestId = place.manifest && manifests.get(place.manifest);
		const tagged = place.tag && tags.get(place.tag);
		const gone =
			(place.manifest !== undefined && manifestId === undefined) ||
			(place.tag !== undefined && (tagged === undefined || (manifestId !== undefined && tagged !== manifestId)));
		return gone ? [] : [{...place, imageId, manifestId}];
	});
}

function namesOf<Name extends string>(names: readonly (Name | undefined)[]): readonly Name[] {
	return [...new Set(names.filter(name => name !== undefined))].toSorted();
}

/** The manifests that they name. */
async function readTags(
	session: Session,
	imageId: number,
	names: readonly TagName[],
): Promise<ReadonlyMap<TagName, number>> {
	const found = new Map<TagName, number>();
	for (const part of chunks(names)) {
		const rows = await session.run<readonly {name: TagName; manifest_id: number}[]>('tags', tags =>
			session.share(
				tags.select('name', 'manifest_id').where('image_id', imageId).whereIn('name', part).orderBy('name'),
			),
		);
		for (const row of rows) {
			found.set(row.name, row.manifest_id);
		}
	}
	return found;
}

async function readManifests(
	session: Session,
	imageId: number,
	digests: readonly Digest[],
): Promise<ReadonlyMap<Digest, number>> {
	const found = new Map<Digest, number>();
	for (const part of chunks(digests)) {
		const rows = await session.run<readonly {id: number; digest: Digest}[]>('manifests', manifests =>
			manifests.select('id', 'digest').where('image_id', imageId).whereIn('digest', part),
		);
		for (const {id, digest} of rows) {
			found.set(digest, id);
		}
	}
	return found;
}
