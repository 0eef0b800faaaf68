import type {TagName} from '../../../oci/tag-name.ts';
import type {WriteRules} from '../../write-rules.ts';
import type {Session} from '../session.ts';

/** Tags that one push takes away at most; what is over is left to the next. */
const atATime = 500;

const tagsSql = `select tags.name from tags
	left join derived_tags on derived_tags.image_id = tags.image_id and derived_tags.name = tags.name
	where tags.image_id = ? and derived_tags.name is null
	order by tags.updated_at desc, tags.name desc`;

interface SurplusRequest {
	readonly imageId: number;
	/** Tags that were just pointed: they stay. */
	readonly pushed: ReadonlySet<TagName>;
	readonly rules: WriteRules;
}

/** The oldest tags that are more than the image may have; those that do not count do not go. */
export async function findSurplusTags(
	session: Session,
	{imageId, pushed, rules}: SurplusRequest,
): Promise<readonly TagName[]> {
	const {maxUniqueTags, immutableBy} = rules;
	if (maxUniqueTags === undefined) {
		return [];
	}
	const rows = await session.select<{name: TagName}>(tagsSql, [imageId]);
	const counted = rows.map(row => row.name).filter(name => !tellsOfManifest(name) && immutableBy?.(name) === undefined);
	const over = Math.min(counted.length - maxUniqueTags, atATime);
	return over > 0 ? counted.filter(name => !pushed.has(name)).slice(-over) : [];
}

/** What clients without the referrers API name what refers to a manifest (specification, "Referrers Tag Schema"). */
function tellsOfManifest(name: TagName): boolean {
	return /^sha(?:256|512)-[0-9a-f]{64}/.test(name);
}
