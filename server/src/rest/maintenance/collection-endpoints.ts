import {collectionJob, surveyCollectableBlobs} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import {restError} from '../rest-error.ts';
import type {RestParts} from '../rest-parts.ts';
import {jobStateOf, jobStateSchema} from './job-state.ts';

const path = '/api/system/storage/gc';

const report = Type.Object({
	examined: Type.Integer({description: 'Holds that were looked at.'}),
	holds: Type.Integer({description: 'Of these, holds that no manifest needs: they were ended.'}),
	blobs: Type.Integer({description: 'Blobs deleted.'}),
	bytes: Type.Integer(),
	left: Type.Integer({description: 'Objects that could not be deleted now: a sweep finds them.'}),
	position: Type.Optional(
		Type.Integer({description: 'Where it got to, until it has come to the end: the next run goes on from there.'}),
	),
});

const state = jobStateSchema(report);

const survey = Type.Object({
	dryRun: Type.Literal(true),
	storages: Type.Array(Type.Object({storage: Type.String(), blobs: Type.Integer(), bytes: Type.Integer()})),
});

/** Collection of blobs that no image needs. */
export function collectionEndpoints({metadata, jobs, configuration}: RestParts): readonly Endpoint[] {
	const stateNow = async () => jobStateOf(await metadata.jobs.find(collectionJob));
	return [
		defineEndpoint({
			method: 'POST',
			path,
			audit: 'collection.run',
			access: 'admin',
			tag: 'system',
			summary: 'Begins to delete blobs that no image needs, while pushing goes on.',
			description: 'A dry run counts them instead, and answers when it has.',
			query: Type.Object({dryRun: Type.Boolean({default: false})}),
			answers: {
				200: {description: 'What a collection would delete now.', schema: survey},
				202: {description: 'It has begun: ask with GET how far it is.', schema: state},
				409: {description: 'One is running already, on whatever node.'},
			},
			async handle({query: {dryRun}, signal}) {
				if (dryRun) {
					const gracePeriodMs = configuration.gracePeriodSeconds * 1000;
					const storages = await surveyCollectableBlobs({metadata, gracePeriodMs}, {signal});
					return {json: {dryRun: true, storages}};
				}
				if ((await jobs.runNow(collectionJob)) === undefined) {
					throw restError(409, 'A collection is running already');
				}
				return {status: 202, json: await stateNow()};
			},
		}),
		defineEndpoint({
			method: 'GET',
			path,
			access: 'admin',
			tag: 'system',
			summary: 'How the collection stands, or how the last one ended.',
			answers: {200: {description: 'Of all nodes together.', schema: state}},
			async handle() {
				return {json: await stateNow()};
			},
		}),
	];
}
