import {answered, progressed, refused} from './assertions.ts';
import {randomContent} from './content.ts';
import {specification} from './specification.ts';

const specify = specification();

specify('end-13: an upload says how far it is', async (t, {image}) => {
	let upload = await image.startUpload();
	progressed(t, await image.client.request('GET', upload), 204, 0);
	for (const [size, total] of [
		[1, 1],
		[99, 100],
		[70_000, 70_100],
	] as const) {
		upload = await image.append(upload, randomContent(size).bytes);
		const answer = await image.client.request('GET', upload);
		progressed(t, answer, 204, total);
		t.true(image.client.resolve(answer.need('location'), upload).startsWith(`${image.base}/blobs/uploads/`));
	}
});

specify('end-13: asking changes nothing', async (t, {image}) => {
	const blob = randomContent(1000);
	const upload = await image.append(await image.startUpload(), blob.bytes);
	const answers = await Promise.all(Array.from({length: 10}, () => image.client.request('GET', upload)));
	for (const answer of answers) {
		progressed(t, answer, 204, 1000);
	}
	answered(t, await image.finish(upload, blob.digest), 201);
});

specify('end-13: an upload that nobody began is unknown', async (t, {image}) => {
	const upload = await image.startUpload();
	const ids = [upload.replace(/[0-9a-f]{12}/, '000000000000'), `${image.base}/blobs/uploads/none`];
	for (const id of [...ids, `${image.base}/blobs/uploads/~`, `${image.base}/blobs/uploads/${'a'.repeat(5000)}`]) {
		refused(t, await image.client.request('GET', id), 404, 'BLOB_UPLOAD_UNKNOWN');
	}
});
