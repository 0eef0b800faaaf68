import type {RunningCalls} from '../running-calls.ts';
import type {V1Images, V1Writer} from './v1-images.ts';

/** The same images, whose calls and open layers are counted while they last. */
export function withRunningV1Calls(images: V1Images, calls: RunningCalls): V1Images {
	return {
		listNames: (...args) => calls.run(() => images.listNames(...args)),
		listTags: (...args) => calls.run(() => images.listTags(...args)),
		findTag: (...args) => calls.run(() => images.findTag(...args)),
		listImages: (...args) => calls.run(() => images.listImages(...args)),
		findImage: (...args) => calls.run(() => images.findImage(...args)),
		listAncestry: (...args) => calls.run(() => images.listAncestry(...args)),
		async openLayer(...args) {
			const content = await calls.run(() => images.openLayer(...args));
			if (content.kind === 'bytes') {
				calls.watch(content.body);
			}
			return content;
		},
		writer: countedWriter(images.writer, calls),
	};
}

function countedWriter(writer: V1Writer, calls: RunningCalls): V1Writer {
	return {
		announce: (...args) => calls.run(() => writer.announce(...args)),
		putJson: (...args) => calls.run(() => writer.putJson(...args)),
		putLayer: (...args) => calls.run(() => writer.putLayer(...args)),
		getReceived: (...args) => calls.run(() => writer.getReceived(...args)),
		complete: (...args) => calls.run(() => writer.complete(...args)),
		putTag: (...args) => calls.run(() => writer.putTag(...args)),
		deleteTag: (...args) => calls.run(() => writer.deleteTag(...args)),
		deleteName: (...args) => calls.run(() => writer.deleteName(...args)),
	};
}
