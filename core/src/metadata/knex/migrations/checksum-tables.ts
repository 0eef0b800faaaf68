import {belongsTo, integer} from './column-types.ts';
import type {TableDefinition} from './table-definition.ts';

/** MD5 and SHA-1 of blobs, once somebody has asked for them: they never change, and go with the blob. */
export const checksumTables: readonly TableDefinition[] = [
	{
		name: 'blob_checksums',
		columns: {blob_id: integer, md5: {type: {text: 32}}, sha1: {type: {text: 40}}},
		primaryKey: ['blob_id'],
		foreignKeys: {blob_checksums_blob: {...belongsTo('blobs', 'blob_id'), cascade: true}},
	},
];
