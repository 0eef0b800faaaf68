import type {TagName} from '../../../oci/tag-name.ts';
import type {ImageKey} from '../manifest-rows.ts';
import {removeFromImage} from '../removal/remove-from-image.ts';
import type {Session} from '../session.ts';
import {forgetHistory} from './tag-history.ts';

/**
 * Deletes what is only kept for these tags, before they go themselves: as long as they are there, what they name now stays,
 * with all that it needs. The image is locked.
 */
export async function dropHistory(
	session: Session,
	{imageId, ...key}: ImageKey & {readonly imageId: number},
	names: readonly TagName[],
): Promise<void> {
	const past = await forgetHistory(session, imageId, names);
	if (past.length > 0) {
		await removeFromImage(session, key, {unneeded: past});
	}
}
