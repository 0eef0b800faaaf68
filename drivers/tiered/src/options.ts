import {type Static, Type} from 'typebox';

/** What an operator may say of a storage with `driver: tiered`. */
export const tieredOptions = Type.Object(
	{
		storage: Type.String({
			minLength: 1,
			description: 'Name of the storage that has everything. It is used by this one alone.',
		}),
		cache: Type.String({
			minLength: 1,
			description: 'Name of the storage that has what was used last. It is used by this one alone.',
		}),
		maxMebibytes: Type.Integer({
			minimum: 1,
			description: 'How much the cache may hold, in MiB, uploads under way apart.',
		}),
	},
	{additionalProperties: false},
);

export type TieredOptions = Static<typeof tieredOptions>;
