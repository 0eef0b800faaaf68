import {type RetainedImage, checkRetention, retentionJob, retentionRules} from '@stowage/core';
import {Type} from 'typebox';
import {createRetention, findRetentionRules, setRetentionRules} from '../../process/create-retention.ts';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {jobStateOf, jobStateSchema} from './job-state.ts';

const path = '/api/system/retention';

const policy = Type.Object({rules: retentionRules});

const report = Type.Object({
	images: Type.Integer({description: 'Images that were looked at.'}),
	tags: Type.Integer({description: 'Tags that were removed.'}),
	manifests: Type.Integer({description: 'Manifests that were removed.'}),
	at: Type.Optional(Type.Object({repository: Type.String(), image: Type.String()})),
});

const status = Type.Object({
	...policy.properties,
	configured: retentionRules,
	state: jobStateSchema(report),
});

const plannedImage = Type.Object({
	repository: Type.String(),
	image: Type.String(),
	because: Type.Array(
		Type.Object({
			tag: Type.Optional(Type.String()),
			digest: Type.String(),
			rule: Type.String(),
			reason: Type.String(),
		}),
		{description: 'What rules are for.'},
	),
	tags: Type.Array(Type.String(), {description: 'All that would go, with those that tell of what goes.'}),
	manifests: Type.Array(Type.String(), {description: 'All that would go, with what only they need.'}),
});

const plan = Type.Object({
	dryRun: Type.Literal(true),
	images: Type.Array(plannedImage),
	truncated: Type.Boolean({description: 'Whether there are more images than were asked for.'}),
});

/** What images keep. */
export function retentionEndpoints(parts: RestParts): readonly Endpoint[] {
	return [readEndpoint(parts), changeEndpoint(parts), runEndpoint(parts)];
}

function readEndpoint(parts: RestParts): Endpoint {
	return defineEndpoint({
		method: 'GET',
		path,
		access: 'admin',
		tag: 'system',
		summary: 'The retention policy for all repositories, and how its last run went.',
		description: '`configured` is what the configuration file has; both count, besides those of each repository.',
		answers: {200: {description: 'Of all nodes together.', schema: status}},
		async handle() {
			const rules = await findRetentionRules(parts);
			const state = jobStateOf(await parts.metadata.jobs.find(retentionJob));
			return {json: {rules, configured: parts.configuration.retention.rules, state}};
		},
	});
}

function changeEndpoint({metadata}: RestParts): Endpoint {
	return defineEndpoint({
		method: 'PUT',
		path,
		audit: 'retention.change',
		access: 'admin',
		tag: 'system',
		summary: 'Sets the retention policy for all repositories, besides that of the configuration file.',
		body: {schema: policy},
		answers: {
			200: {description: 'The rules as they are now.', schema: policy},
			400: {description: 'Which field of which rule is wrong.'},
		},
		async handle({body: {rules}}) {
			const problems = checkRetention(rules).map(({path: at, message}) => `/rules${at}: ${message}`);
			if (problems.length > 0) {
				throw restError(400, problems.join('; '));
			}
			await setRetentionRules(metadata, rules);
			return {json: {rules}};
		},
	});
}

function runEndpoint(parts: RestParts): Endpoint {
	const {metadata, jobs} = parts;
	const retention = createRetention(parts);
	return defineEndpoint({
		method: 'POST',
		path: `${path}/run`,
		audit: 'retention.run',
		access: 'admin',
		tag: 'system',
		summary: 'Begins to remove what no policy keeps.',
		description: 'A dry run tells instead what would go and why, and answers when it has.',
		query: Type.Object({
			dryRun: Type.Boolean({default: false}),
			repository: Type.Optional(Type.String({description: 'Of a dry run: the only repository that is looked at.'})),
			limit: Type.Integer({default: 1000, minimum: 1, maximum: 100_000, description: 'Of a dry run: images told.'}),
		}),
		answers: {
			200: {description: 'What a run would remove now.', schema: plan},
			202: {description: 'It has begun: ask with GET how far it is.', schema: jobStateSchema(report)},
			409: {description: 'One is running already, on whatever node.'},
		},
		async handle({query: {dryRun, repository, limit}, signal}) {
			if (dryRun) {
				const images: RetainedImage[] = [];
				for await (const image of retention.run({dryRun, repository, signal})) {
					images.push(image);
					if (images.length > limit) {
						break;
					}
				}
				const truncated = images.length > limit;
				return {json: {dryRun, images: images.slice(0, limit).map(toPlanned), truncated}};
			}
			if (repository !== undefined) {
				throw restError(400, 'Only a dry run can be of one repository');
			}
			if ((await jobs.runNow(retentionJob)) === undefined) {
				throw restError(409, 'Retention is running already');
			}
			return {status: 202, json: jobStateOf(await metadata.jobs.find(retentionJob))};
		},
	});
}

function toPlanned({repository, image, leaving, removal}: RetainedImage) {
	return {
		repository,
		image,
		because: leaving.map(({item: {tag, digest}, rule, reason}) => ({
			...(tag !== undefined && {tag}),
			digest,
			rule,
			reason,
		})),
		tags: removal.tags.map(({tag}) => tag),
		manifests: removal.manifests.map(({digest}) => digest),
	};
}
