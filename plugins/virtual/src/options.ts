import {patternSchemas} from '@stowage/core';
import {type Static, Type} from 'typebox';

/** Options of a virtual repository, under the names that Artifactory gives them. */
export const virtualOptions = Type.Object(
	{
		repositories: Type.Array(Type.String({minLength: 1}), {
			default: [],
			maxItems: 100,
			uniqueItems: true,
			description: 'Keys of the members, in the order in which they are asked. Virtual ones may be among them.',
		}),
		defaultDeploymentRepo: Type.String({
			default: '',
			description: 'Key of the member that takes what is pushed, and that is deleted from. Without it: read-only.',
		}),
		resolveDockerTagsByTimestamp: Type.Boolean({
			default: false,
			description: 'Whether a tag that several local members have is that of the one where it was set last.',
		}),
		artifactoryRequestsCanRetrieveRemoteArtifacts: Type.Boolean({
			default: false,
			description: 'Accepted for definitions made for Artifactory; every client may have content fetched here.',
		}),
		...patternSchemas,
	},
	{additionalProperties: false},
);

export type VirtualOptions = Static<typeof virtualOptions>;
