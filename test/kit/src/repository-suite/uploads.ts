import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import {parseImageName} from '@stowage/core';
import {blobFixture} from '../image-fixture.ts';
import {refuses} from './repository-world.ts';
import type {Topic} from './suite-case.ts';

/** Pushing blobs, in one piece or many, by one process or many. */
export const uploads: Topic = define => {
	define('an upload that arrives in pieces through many processes is one blob', async world => {
		const {bytes, digest} = blobFixture(10_000);
		const {id} = await world.writer.startUpload(world.image, world.as);
		for (let start = 0; start < bytes.length; start += 3_000) {
			const upload = await (await world.anotherWriter()).findUpload(world.image, id, world.as);
			assert.equal(upload?.offset, start);
			await upload?.append(Readable.from([bytes.subarray(start, start + 3_000)]));
		}
		const upload = await (await world.anotherWriter()).findUpload(world.image, id, world.as);
		const blob = await upload?.commit(digest);
		assert.deepEqual([blob?.digest, blob?.size], [digest, bytes.length]);
		assert.deepEqual((await world.readBlob(digest))?.bytes, bytes);
	});

	define('an upload whose client breaks off goes on where its bytes are safe', async world => {
		const {bytes, digest} = blobFixture(10_000);
		const {id} = await world.writer.startUpload(world.image, world.as);
		const upload = await world.writer.findUpload(world.image, id, world.as);
		const broken = Readable.from(
			(function* () {
				yield bytes.subarray(0, 4_000);
				throw new Error('gone');
			})(),
		);
		await assert.rejects(upload?.append(broken) ?? Promise.resolve(), /gone/);
		const again = await world.writer.findUpload(world.image, id, world.as);
		const offset = again?.offset ?? -1;
		assert.ok(offset >= 0 && offset <= 4_000);
		await again?.append(Readable.from([bytes.subarray(offset)]));
		await again?.commit(digest);
		assert.deepEqual((await world.readBlob(digest))?.bytes, bytes);
	});

	define('other bytes than the digest says are refused, and the upload is over', async world => {
		const [blob, other] = [blobFixture(), blobFixture()];
		const upload = await world.writer.startUpload(world.image, world.as);
		await upload.append(Readable.from([blob.bytes]));
		await refuses('DIGEST_INVALID', upload.commit(other.digest));
		assert.equal(await world.writer.findUpload(world.image, upload.id, world.as), undefined);
		assert.equal(await world.findBlob(blob.digest), undefined);
		assert.equal(await world.findBlob(other.digest), undefined);
	});

	define('an upload is found by the image and the user that it belongs to, and by no other', async world => {
		const {id} = await world.writer.startUpload(world.image, world.as);
		const other = parseImageName('library/other');
		assert.equal(await world.writer.findUpload(other, id, world.as), undefined);
		assert.equal(await world.writer.findUpload(world.image, id, world.callerWho('mallory')), undefined);
		assert.equal(await world.writer.findUpload(world.image, '../../etc/passwd', world.as), undefined);
		assert.equal((await world.writer.findUpload(world.image, id, world.as))?.id, id);
	});

	define('an upload that was cancelled or committed is not there any more', async world => {
		const cancelled = await world.writer.startUpload(world.image, world.as);
		await cancelled.append(Readable.from([Buffer.from('some')]));
		await cancelled.cancel();
		assert.equal(await world.writer.findUpload(world.image, cancelled.id, world.as), undefined);
		const blob = blobFixture();
		const committed = await world.writer.startUpload(world.image, world.as);
		await committed.append(Readable.from([blob.bytes]));
		await committed.commit(blob.digest);
		assert.equal(await world.writer.findUpload(world.image, committed.id, world.as), undefined);
	});

	define('a blob that is pushed again stays', async world => {
		const blob = blobFixture();
		await world.pushBlob(blob);
		await world.pushBlob(blob);
		await world.pushBlob(blob, parseImageName('library/other'));
		assert.deepEqual((await world.readBlob(blob.digest))?.bytes, blob.bytes);
	});

	define('twenty pushes of one blob at a time all succeed', async world => {
		const blob = blobFixture(20_000);
		const writers = [world.writer, (await world.under.another()).writer ?? world.writer];
		const pushes = Array.from({length: 20}, (_, index) =>
			world.pushBlob(blob, parseImageName(`image-${index % 3}`), writers[index % 2]),
		);
		for (const pushed of await Promise.all(pushes)) {
			assert.equal(pushed.digest, blob.digest);
		}
		assert.deepEqual((await world.readBlob(blob.digest, {image: parseImageName('image-2')}))?.bytes, blob.bytes);
	});

	define('an upload is verified by the algorithm of the digest, whatever was announced', async world => {
		for (const algorithm of ['sha256', 'sha512'] as const) {
			const blob = blobFixture(2_000, 'sha512');
			const upload = await world.writer.startUpload(world.image, {...world.as, algorithm});
			await upload.append(Readable.from([blob.bytes]));
			await upload.commit(blob.digest);
			assert.deepEqual((await world.readBlob(blob.digest))?.bytes, blob.bytes);
		}
	});
};
