import {writeSync} from 'node:fs';
import {parseImageName} from '@stowage/core';
import {type DatabaseOptions, openMetadata} from '@stowage/core/metadata';
import {addBlobTo, manifestOf, putOptions} from './metadata-world.ts';

/** What {@link startMetadataWriter} gives this program as its only argument, in JSON. */
export interface MetadataWriterTask {
	readonly options: DatabaseOptions;
	readonly repository: number;
	/** Image that gets the manifests, tagged `t0`, `t1` and so on. */
	readonly image: string;
	readonly count: number;
}

/** A program that pushes, and prints the number of each manifest as soon as it has been acknowledged. */
const task = JSON.parse(process.argv[2] ?? '') as MetadataWriterTask;
const store = await openMetadata(task.options);
const image = parseImageName(task.image);
for (let number = 0; number < task.count; number++) {
	const text = `${task.image} ${number}`;
	const layer = await addBlobTo(store, {repository: task.repository, image, text});
	const manifest = manifestOf({text, layers: [layer]});
	const {outcome} = await store.repository(task.repository).putManifest(image, manifest, putOptions([`t${number}`]));
	if (outcome !== 'stored') {
		throw new Error(`manifest ${number}: ${outcome}`);
	}
	writeSync(1, `${number}\n`);
}
await store.close();
