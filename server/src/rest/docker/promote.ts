import {type ImageReference, ImagePromotion, parseImageName, parseTagName} from '@stowage/core';
import {Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';

/** Unset fields come as empty texts from JFrog's own clients. */
const optionalText = (description: string) =>
	Type.Optional(Type.Unsafe<string | null>({type: ['string', 'null'], maxLength: 255, description}));

const body = Type.Object({
	targetRepo: Type.String({minLength: 1, maxLength: 64, description: 'Key of the repository that gets it.'}),
	dockerRepository: Type.String({minLength: 1, maxLength: 255, description: 'The image.'}),
	targetDockerRepository: optionalText('What the image is called there; the same unless told.'),
	tag: optionalText('The tag; without it the whole image is promoted.'),
	targetTag: optionalText('What the tag is called there; the same unless told.'),
	copy: Type.Optional(
		Type.Unsafe<boolean | null>({type: ['boolean', 'null'], description: 'Whether the source keeps it.'}),
	),
});

/** `POST /api/docker/<key>/v2/promote`. */
export function promoteEndpoint(parts: RestParts): Endpoint {
	const promotion = new ImagePromotion(parts);
	return defineEndpoint({
		method: 'POST',
		path: '/api/docker/:repository/v2/promote',
		audit: 'image.promote',
		access: {action: 'read', repository: 'repository'},
		tag: 'docker',
		summary:
			'Moves or copies a tag, or a whole image, to another repository, with signatures and all that refers to it.',
		description:
			'Asks for the rights to read the source, to annotate it when the tag gets another name, to delete from it unless it is a copy; to write to the target, and to delete from it when a tag there is moved. Within one storage it is one transaction; across storages every byte is copied and checked before. Of a virtual repository its `defaultDeploymentRepo` is meant.',
		params: Type.Object({repository: Type.String()}),
		body: {schema: body},
		answers: {
			200: {description: 'A sentence that says so.', contentType: 'text/plain'},
			400: {description: 'A field is wrong, or a repository is not one that is pushed to.'},
			403: {description: 'A right is missing.'},
			404: {description: 'There is no such repository, image or tag.'},
		},
		async handle({params: {repository}, body, caller, demand, signal}) {
			const {copy} = body;
			const image = parseImageName(body.dockerRepository);
			const from: ImageReference = {repository, image, tag: findTag(body.tag)};
			const name = body.targetDockerRepository;
			const to: ImageReference = {
				repository: body.targetRepo,
				image: name ? parseImageName(name) : image,
				tag: findTag(body.targetTag),
			};
			await promotion.promote(from, to, {copy: copy === true, by: caller.name, demand, signal});
			return {text: 'Promotion ended successfully\n'};
		},
	});
}

function findTag(text: string | null | undefined): ImageReference['tag'] {
	return text ? parseTagName(text) : undefined;
}
