import {Type} from 'typebox';

const text = Type.Optional(Type.String());
const number = Type.Optional(Type.Integer());

/** An item as a query finds it: of its fields those that were asked for, as far as they are known. */
export const aqlRowSchema = Type.Object({
	repo: text,
	path: text,
	name: text,
	type: text,
	size: number,
	depth: number,
	created: text,
	created_by: text,
	modified: text,
	modified_by: text,
	updated: text,
	sha256: text,
	actual_sha1: text,
	actual_md5: text,
	original_sha1: text,
	original_md5: text,
	properties: Type.Optional(Type.Array(Type.Object({key: Type.String(), value: text}))),
});
