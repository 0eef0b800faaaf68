import {ImageMigration, type MigrationReport, parseTagName} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, defineEndpoint, errorSchema} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';

/** Unset fields come as empty texts from JFrog's own clients. */
const optionalText = (description: string) =>
	Type.Optional(Type.Unsafe<string | null>({type: ['string', 'null'], maxLength: 255, description}));

const body = Type.Object({
	targetRepo: Type.String({minLength: 1, maxLength: 64, description: 'Key of the repository that gets the images.'}),
	dockerRepository: optionalText('The image; without it all of the repository are brought over.'),
	tag: optionalText('The tag; without it all of the image are brought over.'),
	dryRun: Type.Optional(
		Type.Boolean({description: 'Only looks whether all is there that would be read. Not known to Artifactory.'}),
	),
});

/** `POST /api/docker/<key>/v1/migrate`. */
export function migrateEndpoint(parts: RestParts): Endpoint {
	const migration = new ImageMigration(parts);
	return defineEndpoint({
		method: 'POST',
		path: '/api/docker/:repository/v1/migrate',
		audit: 'image.migrate',
		access: {action: 'read', repository: 'repository'},
		tag: 'docker',
		summary: "Brings images of Docker's first API to a repository of today.",
		description:
			'Asks for the rights to read the source and to write to the target, and to delete from it when a tag there is moved. The source keeps what it has. What cannot be converted is told, and the rest goes on. Sent again, after whatever ended it, it goes on: no layer is read twice. Of a virtual repository its `defaultDeploymentRepo` is meant.',
		params: Type.Object({repository: Type.String()}),
		body: {schema: body},
		answers: {
			200: {description: 'A sentence that says so.', contentType: 'text/plain'},
			400: {description: 'A field is wrong, or a repository is not one that images can be brought from or to.'},
			403: {description: 'A right is missing.'},
			404: {description: 'There is no such repository, image or tag.'},
			422: {
				description: 'Some images could not be brought over, each with the reason; all others are.',
				schema: errorSchema,
			},
		},
		async handle({params: {repository}, body, caller, demand, signal}) {
			const {targetRepo, dockerRepository, tag, dryRun = false} = body;
			const report = await migration.migrate(
				'v1',
				{from: {repository}, to: targetRepo},
				{
					image: dockerRepository || undefined,
					tag: tag ? parseTagName(tag) : undefined,
					caller,
					demand,
					logger: parts.logger,
					dryRun,
					signal,
				},
			);
			return report.failed.length > 0
				? {status: 422, json: {errors: errorsOf(report)}}
				: {text: `Migration ended successfully: ${tell(report, dryRun)}\n`};
		},
	});
}

function tell({tags}: MigrationReport, dryRun: boolean): string {
	if (dryRun) {
		return `${tags.length} tags would be brought over`;
	}
	const unchanged = tags.filter(tag => tag.unchanged).length;
	return `${tags.length - unchanged} tags brought over, ${unchanged} were there already`;
}

function errorsOf({tags, failed}: MigrationReport): readonly {readonly status: number; readonly message: string}[] {
	const all = failed.length + tags.length;
	const messages = [
		`${failed.length} of ${all} tags cannot be brought over`,
		...failed.map(({image, tag, reason}) => `${image}${tag === undefined ? '' : `:${tag}`}: ${reason}`),
	];
	return messages.map(message => ({status: 422, message}));
}
