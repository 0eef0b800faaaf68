import {answered, refused} from './assertions.ts';
import {randomContent} from './content.ts';
import {octets} from './image-client.ts';
import {specification} from './specification.ts';

const specify = specification();

specify('end-14: a cancelled upload is gone', async (t, {image}) => {
	const blob = randomContent(1000);
	const upload = await image.append(await image.startUpload(), blob.bytes);
	const answer = await image.client.request('DELETE', upload);
	answered(t, answer, 204);
	t.is(answer.body.length, 0);
	refused(t, await image.client.request('GET', upload), 404, 'BLOB_UPLOAD_UNKNOWN');
	const more = await image.client.request('PATCH', upload, {headers: octets, body: 'more'});
	refused(t, more, 404, 'BLOB_UPLOAD_UNKNOWN');
	refused(t, await image.finish(upload, blob.digest), 404, 'BLOB_UPLOAD_UNKNOWN');
	refused(t, await image.finish(upload, blob.digest, blob.bytes), 404, 'BLOB_UPLOAD_UNKNOWN');
	answered(t, await image.request('HEAD', `/blobs/${blob.digest}`), 404);
});

specify('end-14: an upload that received nothing can be cancelled', async (t, {image}) => {
	answered(t, await image.client.request('DELETE', await image.startUpload()), 204);
});

specify('end-14: what was cancelled, or never begun, cannot be cancelled', async (t, {image}) => {
	const upload = await image.startUpload();
	answered(t, await image.client.request('DELETE', upload), 204);
	refused(t, await image.client.request('DELETE', upload), 404, 'BLOB_UPLOAD_UNKNOWN');
	refused(t, await image.request('DELETE', '/blobs/uploads/none'), 404, 'BLOB_UPLOAD_UNKNOWN');
});

specify('end-14: other uploads of the same blob go on', async (t, {image}) => {
	const blob = randomContent(1000);
	const [first, second] = [await image.startUpload(), await image.startUpload()];
	const cancelled = await image.append(first, blob.bytes);
	const next = await image.append(second, blob.bytes);
	answered(t, await image.client.request('DELETE', cancelled), 204);
	answered(t, await image.finish(next, blob.digest), 201);
	t.deepEqual((await image.request('GET', `/blobs/${blob.digest}`)).body, blob.bytes);
});
