import type {ColumnDefinition, ForeignKey} from './table-definition.ts';

export const id: ColumnDefinition = {type: 'id'};
export const integer: ColumnDefinition = {type: 'integer'};
export const boolean: ColumnDefinition = {type: 'boolean'};
export const longText: ColumnDefinition = {type: 'long-text'};
export const bytes: ColumnDefinition = {type: 'bytes'};
/** As long as a sha512 digest with its algorithm, and room for a longer algorithm's name. */
export const digest: ColumnDefinition = {type: {text: 160}};
/** As long as a key, a name of an image, a user or a storage may be. */
export const name: ColumnDefinition = {type: {text: 255}};
export const storageKey: ColumnDefinition = {type: {text: 512}};

export function nullable(column: ColumnDefinition): ColumnDefinition {
	return {...column, nullable: true};
}

/** One column that names the `id` of another table. */
export function belongsTo(table: string, column: string): ForeignKey {
	return {columns: [column], table, references: ['id']};
}
