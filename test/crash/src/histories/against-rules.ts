import {historyRules} from './history-rules.ts';

const {maxUniqueTags, dockerTagRetention, immutableTags, repositoryQuota, imageQuota} = historyRules.options;
const ruled = `(select id from repositories where repository_key = 'repository-${historyRules.repository}')`;
const immutable = immutableTags.map(tag => `'${tag}'`).join();

/** What a repository or an image holds, each blob counted once, as nobody has counted it before. */
const countedAnew = (owner: 'repository_id' | 'image_id') => `(
	select ${owner}, sum(size) as bytes from (
		select distinct image_blobs.${owner}, image_blobs.digest, blobs.size
		from image_blobs join blobs on blobs.id = image_blobs.blob_id
	) as held group by ${owner}
)`;

const wrongTotals = (
	table: string,
	owner: 'repository_id' | 'image_id',
) => `select total.${owner} from ${table} as total
	left join ${countedAnew(owner)} as anew on anew.${owner} = total.${owner}
	where total.bytes <> coalesce(anew.bytes, 0)`;

/** Queries for what there may never be where one repository has rules, by what they find. */
export const againstRules: Readonly<Record<string, string>> = {
	'a total of a repository that is not what it holds': wrongTotals('held_by_repository', 'repository_id'),
	'a total of an image that is not what it holds': wrongTotals('held_by_image', 'image_id'),
	'a repository that holds more than its quota': `select anew.repository_id
		from ${countedAnew('repository_id')} as anew
		where anew.repository_id = ${ruled} and anew.bytes > ${repositoryQuota}`,
	'an image that holds more than its quota': `select images.id
		from ${countedAnew('image_id')} as anew join images on images.id = anew.image_id
		where images.repository_id = ${ruled} and anew.bytes > ${imageQuota}`,
	// Those that one promotion brings stay together.
	'an image with more tags than it keeps': `select tags.image_id from tags
		join images on images.id = tags.image_id
		left join derived_tags on derived_tags.image_id = tags.image_id and derived_tags.name = tags.name
		where images.repository_id = ${ruled} and derived_tags.name is null
			and tags.name not in (${immutable}) and tags.name not like 'sha256-%'
		group by tags.image_id
		having count(*) > ${maxUniqueTags} and min(tags.updated_at) < max(tags.updated_at)`,
	'a tag that keeps more of its past than it is to': `select tag_history.name from tag_history
		join images on images.id = tag_history.image_id
		where images.repository_id = ${ruled}
		group by tag_history.image_id, tag_history.name having count(*) > ${dockerTagRetention - 1}`,
	'a tag that keeps its past where none is to': `select tag_history.name from tag_history
		join images on images.id = tag_history.image_id where images.repository_id <> ${ruled}`,
	'a past that is what the tag names now': `select tag_history.name from tag_history
		join tags on tags.image_id = tag_history.image_id and tags.name = tag_history.name
		where tags.manifest_id = tag_history.manifest_id`,
	'an immutable tag that has named something else': `select tag_history.name from tag_history
		where tag_history.name in (${immutable})`,
	'a tag that came with none': `select derived_tags.name from derived_tags where not exists (
			select 1 from tags where tags.image_id = derived_tags.image_id and tags.name = derived_tags.base
		)`,
	'a tag that names what the index which it came with does not': `select derived_tags.name from derived_tags
		join tags on tags.image_id = derived_tags.image_id and tags.name = derived_tags.name
		join manifests on manifests.id = tags.manifest_id
		join tags as bases on bases.image_id = derived_tags.image_id and bases.name = derived_tags.base
		where not exists (
			select 1 from manifest_references where manifest_references.manifest_id = bases.manifest_id
				and manifest_references.digest = manifests.digest
		)`,
	'a tag that came with another where none does': `select derived_tags.name from derived_tags
		join images on images.id = derived_tags.image_id where images.repository_id <> ${ruled}`,
};
