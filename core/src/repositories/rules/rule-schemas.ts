import {Type} from 'typebox';

const pattern = (description: string, standard: string) =>
	Type.String({default: standard, maxLength: 65_536, description});
const bytes = (description: string) =>
	Type.Optional(Type.Union([Type.Integer({minimum: 1}), Type.String({maxLength: 40})], {description}));

/** Options by which any repository says which images it has. A type spreads them into its schema. */
export const patternSchemas = {
	includesPattern: pattern(
		'Ant patterns of images that the repository has, with commas between: `team/**, base/*`. It neither gives nor takes any other.',
		'**/*',
	),
	excludesPattern: pattern('Ant patterns of images that it does not have, whatever `includesPattern` says.', ''),
};

/** The same for one that can be taken out of service. */
export const servingSchemas = {
	...patternSchemas,
	blackedOut: Type.Boolean({
		default: false,
		description: 'Whether the repository neither gives nor takes anything. What is in it can still be deleted.',
	}),
};

/** Options about what is pushed. */
export const writeRuleSchemas = {
	maxUniqueTags: Type.Integer({
		default: 0,
		minimum: 0,
		maximum: 1_000_000,
		description:
			'How many tags an image keeps: when it gets more, the oldest go, with what only they need. 0: any number.',
	}),
	dockerTagRetention: Type.Integer({
		default: 0,
		minimum: 0,
		maximum: 10_000,
		description:
			'How many manifests that a tag has named are kept, the current one among them; the others go when the tag moves, with what only they need. 1: only the current one. 0: all, until a retention policy takes them.',
	}),
	blockPushingSchema1: Type.Boolean({
		default: false,
		description: 'Whether manifests of schema 1 are refused.',
	}),
	immutableTags: Type.Array(Type.String({minLength: 1, maxLength: 128}), {
		default: [],
		maxItems: 100,
		description:
			'Patterns of tags that stay what they are, such as `v*`: nobody moves one by pushing or promoting, and only an administrator deletes one.',
	}),
	platformTags: Type.Boolean({
		default: false,
		description:
			'Whether an index that is pushed as `1.0` also gives `1.0-linux-amd64` and the like for its entries. They move and go with it.',
	}),
};

/** Options about how much is held. */
export const quotaSchemas = {
	repositoryQuota: bytes(
		'Bytes of blobs that all images together may hold, each blob counted once: `500MB`, `2TiB`. Without it: any number.',
	),
	imageQuota: bytes('Bytes of blobs that each image may hold.'),
};
