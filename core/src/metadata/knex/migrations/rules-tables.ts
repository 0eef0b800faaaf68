import {belongsTo, integer} from './column-types.ts';
import type {ForeignKey, TableDefinition} from './table-definition.ts';

const tagName = {type: {text: 128}} as const;
const ofTag: ForeignKey = {
	columns: ['image_id', 'name'],
	table: 'tags',
	references: ['image_id', 'name'],
	cascade: true,
};

/** What the rules of repositories have to remember. */
export const rulesTables: readonly TableDefinition[] = [
	{
		// Tags that nobody has pushed: they came with the tag `base`.
		name: 'derived_tags',
		columns: {image_id: integer, name: tagName, base: tagName},
		primaryKey: ['image_id', 'name'],
		indexes: {derived_tags_base: ['image_id', 'base']},
		foreignKeys: {derived_tags_tag: ofTag},
	},
	{
		// Manifests that a tag has named before and that are kept for it.
		name: 'tag_history',
		columns: {image_id: integer, name: tagName, manifest_id: integer, replaced_at: integer},
		primaryKey: ['image_id', 'name', 'manifest_id'],
		indexes: {tag_history_manifest: ['manifest_id']},
		foreignKeys: {
			tag_history_tag: ofTag,
			tag_history_manifest_id: {...belongsTo('manifests', 'manifest_id'), cascade: true},
		},
	},
	{
		// Manifests that were pushed again by their digest, and that nothing stored since names.
		name: 'manifest_renewals',
		columns: {manifest_id: integer, pushed_at: integer},
		primaryKey: ['manifest_id'],
		foreignKeys: {manifest_renewals_manifest: {...belongsTo('manifests', 'manifest_id'), cascade: true}},
	},
	{
		// Bytes of the blobs that images of a repository hold, each blob once; only where somebody wants to know.
		name: 'held_by_repository',
		columns: {repository_id: integer, bytes: integer},
		primaryKey: ['repository_id'],
		foreignKeys: {held_by_repository_id: {...belongsTo('repositories', 'repository_id'), cascade: true}},
	},
	{
		name: 'held_by_image',
		columns: {image_id: integer, bytes: integer},
		primaryKey: ['image_id'],
		foreignKeys: {held_by_image_id: {...belongsTo('images', 'image_id'), cascade: true}},
	},
];
