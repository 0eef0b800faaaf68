import {belongsTo, bytes, digest, id, integer, name, nullable} from './column-types.ts';
import type {ColumnDefinition, TableDefinition} from './table-definition.ts';

const v1Id: ColumnDefinition = {type: {text: 64}};
const checksum: ColumnDefinition = {type: {text: 80}};
const tag: ColumnDefinition = {type: {text: 128}};

/** Images of Docker's first API. */
export const v1Tables: readonly TableDefinition[] = [
	{
		name: 'v1_images',
		columns: {
			id,
			repository_id: integer,
			v1_id: v1Id,
			parent: nullable(v1Id),
			// Of how many images it is made, itself counted.
			depth: integer,
			layer_digest: digest,
			layer_size: integer,
			checksum,
			pushed_by: name,
			created_at: integer,
			json: bytes,
		},
		unique: {v1_images_id: ['repository_id', 'v1_id']},
		indexes: {v1_images_layer: ['repository_id', 'layer_digest']},
		foreignKeys: {v1_images_repository: belongsTo('repositories', 'repository_id')},
	},
	{
		// Which name has which image, and since when it was last pushed or tagged there.
		name: 'v1_name_images',
		columns: {repository_id: integer, image: name, v1_id: v1Id, since: integer},
		primaryKey: ['repository_id', 'image', 'v1_id'],
		indexes: {v1_name_images_id: ['repository_id', 'v1_id'], v1_name_images_since: ['repository_id', 'since']},
		foreignKeys: {v1_name_images_repository: belongsTo('repositories', 'repository_id')},
	},
	{
		name: 'v1_tags',
		columns: {repository_id: integer, image: name, tag, v1_id: v1Id, updated_at: integer, updated_by: name},
		primaryKey: ['repository_id', 'image', 'tag'],
		foreignKeys: {v1_tags_repository: belongsTo('repositories', 'repository_id')},
	},
	{
		name: 'v1_pushes',
		columns: {
			repository_id: integer,
			v1_id: v1Id,
			pushed_by: name,
			image: name,
			announced_at: integer,
			parent: nullable(v1Id),
			layer_digest: nullable(digest),
			layer_size: nullable(integer),
			checksum: nullable(checksum),
			json: nullable(bytes),
		},
		primaryKey: ['repository_id', 'v1_id', 'pushed_by', 'image'],
		indexes: {v1_pushes_announced: ['repository_id', 'announced_at']},
		foreignKeys: {v1_pushes_repository: belongsTo('repositories', 'repository_id')},
	},
];
