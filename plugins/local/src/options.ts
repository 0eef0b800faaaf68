import {quotaSchemas, retentionSchemas, servingSchemas, writeRuleSchemas} from '@stowage/core';
import {type Static, Type} from 'typebox';

/** Options of a local repository. */
export const localOptions = Type.Object(
	{
		sparseIndexes: Type.Boolean({
			default: false,
			description: 'Whether an index may be pushed that names manifests which the image does not have.',
		}),
		maxManifestBytes: Type.Integer({
			default: 4_194_304,
			minimum: 1024,
			maximum: 4_194_304,
			description: 'Largest manifest that may be pushed, in bytes.',
		}),
		dockerApiVersion: Type.Enum(['V1', 'V2'], {
			default: 'V2',
			description:
				'The Docker API that clients push and pull by. With `V1`, which the plugin `@stowage/v1-migration` speaks, nothing can be pushed by V2.',
		}),
		priorityResolution: Type.Boolean({
			default: false,
			description: 'Whether a virtual repository asks this member before those without it.',
		}),
		...servingSchemas,
		...writeRuleSchemas,
		...quotaSchemas,
		...retentionSchemas,
	},
	{additionalProperties: false},
);

export type LocalOptions = Static<typeof localOptions>;
