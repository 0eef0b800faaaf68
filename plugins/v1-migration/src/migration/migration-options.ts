import {type Static, Type} from 'typebox';

/** How images are brought from V1 to V2. */
export const migrationOptions = Type.Object(
	{
		form: Type.Enum(['docker', 'oci'], {
			default: 'docker',
			description: 'What images become: `docker` for schema 2, as engines push them, or `oci`.',
		}),
		maxLayerBytes: Type.Integer({
			default: 21_474_836_480,
			minimum: 1_048_576,
			description: 'Largest tar in a layer, in bytes. An image with a larger one is not brought over.',
		}),
		maxExpansion: Type.Integer({
			default: 200,
			minimum: 1,
			description: 'How many times as large as a layer itself its tar may be. Tars of up to 64 MiB always may.',
		}),
		parallel: Type.Integer({
			default: 2,
			minimum: 1,
			maximum: 32,
			description: 'Tags on their way at a time, in all migrations together.',
		}),
	},
	{additionalProperties: false, default: {}},
);

export type MigrationOptions = Static<typeof migrationOptions>;
