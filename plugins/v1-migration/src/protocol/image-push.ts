import type {RouteContext} from '@stowage/core';
import type {LimitFunction} from 'p-limit';
import {maxJsonBytes} from '../migration/parse-v1-document.ts';
import {answerJson, imagesOf} from './answers.ts';
import {checkSum} from './check-sum.ts';
import {parseImageJson} from './image-json.ts';
import {idOf} from './images.ts';
import {readBody} from './read-json.ts';

/** `PUT /images/<id>/json`. */
export async function putImageJson(context: RouteContext): Promise<void> {
	const {caller, signal} = context;
	const id = idOf(context);
	const {writer} = imagesOf(context);
	const pushed = parseImageJson(await readBody(context, maxJsonBytes), id);
	await writer.putJson(id, pushed, {caller, signal});
	answerJson(context, 200, true);
}

/** `PUT /images/<id>/layer`. */
export async function putLayer(context: RouteContext): Promise<void> {
	const {caller, signal} = context;
	const id = idOf(context);
	await imagesOf(context).writer.putLayer(id, context.req, {caller, signal});
	answerJson(context, 200, true);
}

/** `PUT /images/<id>/checksum`: from then on the image is there. `limit` is that of the sums that run at once. */
export async function putChecksum(context: RouteContext, limit: LimitFunction): Promise<void> {
	const {caller, signal} = context;
	const id = idOf(context);
	const images = imagesOf(context);
	const received = await images.writer.getReceived(id, {caller, signal});
	await checkSum(received, {
		payload: context.get('X-Docker-Checksum-Payload'),
		checksum: context.get('X-Docker-Checksum'),
		openLayer: () => images.openLayer(received.layer, {signal}),
		limit,
		signal,
	});
	await images.writer.complete(id, received, {caller, signal});
	answerJson(context, 200, true);
}
