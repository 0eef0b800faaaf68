import {belongsTo, id, integer, longText, name, nullable} from './column-types.ts';
import type {ForeignKey, TableDefinition} from './table-definition.ts';

const goesWith = (key: ForeignKey): ForeignKey => ({...key, cascade: true});

/** Properties that clients have given to repositories, images, tags, and what is below them. */
export const itemTables: readonly TableDefinition[] = [
	{
		name: 'items',
		columns: {
			id,
			repository_id: integer,
			// Of the image's name, a tag or digest, and a file.
			path: {type: {text: 544}},
			// Absent for the repository itself, and for what is only the beginning of names.
			image_id: nullable(integer),
			tag: nullable({type: {text: 128}}),
			// What the tag named then: when it names something else, the item is another.
			manifest_id: nullable(integer),
			updated_at: integer,
		},
		unique: {items_path: ['repository_id', 'path']},
		indexes: {items_tag: ['image_id', 'tag'], items_manifest: ['manifest_id']},
		foreignKeys: {
			items_repository: goesWith(belongsTo('repositories', 'repository_id')),
			items_image: goesWith(belongsTo('images', 'image_id')),
			items_tag_name: {columns: ['image_id', 'tag'], table: 'tags', references: ['image_id', 'name'], cascade: true},
			items_manifest_id: goesWith(belongsTo('manifests', 'manifest_id')),
		},
	},
	{
		name: 'item_properties',
		columns: {
			item_id: integer,
			name,
			position: integer,
			value: longText,
			// The beginning of the value, for the index.
			value_start: {type: {text: 160}},
		},
		primaryKey: ['item_id', 'name', 'position'],
		indexes: {item_properties_value: ['name', 'value_start']},
		foreignKeys: {item_properties_item: goesWith(belongsTo('items', 'item_id'))},
	},
	{
		// JSON of the labels in the config of a manifest, once somebody has asked for them: both never change.
		name: 'manifest_labels',
		columns: {manifest_id: integer, labels: longText},
		primaryKey: ['manifest_id'],
		foreignKeys: {manifest_labels_manifest: goesWith(belongsTo('manifests', 'manifest_id'))},
	},
];
