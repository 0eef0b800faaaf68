import type {JobState} from '@stowage/core';
import {type TSchema, Type} from 'typebox';

/** How a job stands, with what it tells of itself. */
export function jobStateSchema(report: TSchema) {
	const time = Type.String({format: 'date-time'});
	return Type.Object({
		status: Type.Enum(['never run', 'running', 'done', 'failed', 'interrupted'], {
			description: '`interrupted`: its node ended meanwhile; the next run goes on with the rest.',
		}),
		startedAt: Type.Optional(time),
		finishedAt: Type.Optional(time),
		error: Type.Optional(Type.String()),
		report: Type.Optional(report),
	});
}

export function jobStateOf({running, startedAt, finishedAt, error, report}: JobState) {
	const ended = startedAt !== undefined && finishedAt !== undefined && finishedAt >= startedAt;
	return {
		status: running ? 'running' : statusOf({begun: startedAt !== undefined, ended, error}),
		...(startedAt !== undefined && {startedAt: startedAt.toISOString()}),
		...(ended && !running && {finishedAt: finishedAt.toISOString(), ...(error !== undefined && {error})}),
		...(report !== undefined && {report}),
	};
}

interface Ending {
	readonly begun: boolean;
	readonly ended: boolean;
	readonly error?: string;
}

function statusOf({begun, ended, error}: Ending): string {
	if (!begun) {
		return 'never run';
	}
	if (!ended) {
		return 'interrupted';
	}
	return error === undefined ? 'done' : 'failed';
}
