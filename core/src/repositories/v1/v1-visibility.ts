import type {V1Records} from '../../metadata/v1-records.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {V1ImageId} from '../../oci/v1-image-id.ts';

const namesAtATime = 100;

/** Whether any name has the image that `fits`. Ids say nothing of whose they are: this is what decides who may see one. */
export async function isHeldBy(
	records: Pick<V1Records, 'listHolders'>,
	id: V1ImageId,
	fits: (image: ImageName) => boolean,
): Promise<boolean> {
	for (let after: string | undefined; ;) {
		const page = await records.listHolders(id, {limit: namesAtATime, after});
		if (page.items.some(fits)) {
			return true;
		}
		if (page.next === undefined) {
			return false;
		}
		after = page.next;
	}
}
