import {Type} from 'typebox';

const text = (description: string) => Type.Optional(Type.String({description}));
const checksums = (description: string) => Type.Optional(Type.Record(Type.String(), Type.String(), {description}));

const listed = Type.Object({
	uri: Type.String({description: 'Below the folder.'}),
	size: Type.Integer({description: 'Bytes; -1 for a folder.'}),
	lastModified: Type.String(),
	folder: Type.Boolean(),
	sha1: text('Where it is known.'),
	sha2: text('SHA-256.'),
	mdTimestamps: Type.Optional(Type.Object({properties: Type.String()})),
});

/** What is told of a file or a folder; which of it depends on what it is and on what is asked for. */
export const itemSchema = Type.Object({
	uri: Type.String({description: 'Where this is told.'}),
	downloadUri: text('A file: where its content is.'),
	repo: text('Key of the repository that was asked.'),
	path: text('Within the repository, with a slash in front.'),
	remoteUrl: text('In a cache: where it is at the upstream.'),
	created: text('When it was made; of a list, when that was.'),
	createdBy: text('Who made it.'),
	lastModified: text('When it was changed.'),
	modifiedBy: text('Who changed it.'),
	lastUpdated: text('The same as `lastModified`.'),
	mimeType: text('A file: its media type.'),
	size: text('A file: its bytes.'),
	checksums: checksums('A file: `sha256`, and where they are known `sha1` and `md5`.'),
	originalChecksums: checksums('The same as `checksums`.'),
	children: Type.Optional(
		Type.Array(Type.Object({uri: Type.String(), folder: Type.Boolean()}), {description: 'A folder: what is in it.'}),
	),
	files: Type.Optional(Type.Array(listed, {description: 'With `list`: what is below it.'})),
	properties: Type.Optional(
		Type.Record(Type.String(), Type.Array(Type.String()), {description: 'With `properties`: values by name.'}),
	),
});
