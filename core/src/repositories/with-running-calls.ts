import type {Upload} from '../blobs/upload.ts';
import type {RepositoryWriter} from './repository-writer.ts';
import {traitsOf} from './repository-traits.ts';
import type {Repository} from './repository.ts';
import {withRunningV1Calls} from './v1/with-running-v1-calls.ts';
import type {RunningCalls} from './running-calls.ts';

/** The same repository, whose calls, open blobs and uploads are counted while they last. */
export function withRunningCalls(repository: Repository, calls: RunningCalls): Repository {
	return {
		...traitsOf(repository),
		findManifest: (...args) => calls.run(() => repository.findManifest(...args)),
		findBlob: (...args) => calls.run(() => repository.findBlob(...args)),
		listTags: (...args) => calls.run(() => repository.listTags(...args)),
		listImages: (...args) => calls.run(() => repository.listImages(...args)),
		listReferrers: (...args) => calls.run(() => repository.listReferrers(...args)),
		async openBlob(image, digest, options) {
			const content = await calls.run(() => repository.openBlob(image, digest, options));
			if (content?.kind === 'bytes') {
				calls.watch(content.body);
			}
			return content;
		},
		writer: repository.writer && countedWriter(repository.writer, calls),
		cache: repository.cache && withRunningCalls(repository.cache, calls),
		v1: repository.v1 && withRunningV1Calls(repository.v1, calls),
		close: repository.close && (() => repository.close?.() ?? Promise.resolve()),
	};
}

function countedWriter(writer: RepositoryWriter, calls: RunningCalls): RepositoryWriter {
	return {
		mountBlob: (...args) => calls.run(() => writer.mountBlob(...args)),
		putManifest: (...args) => calls.run(() => writer.putManifest(...args)),
		deleteManifest: (...args) => calls.run(() => writer.deleteManifest(...args)),
		deleteTag: (...args) => calls.run(() => writer.deleteTag(...args)),
		deleteBlob: (...args) => calls.run(() => writer.deleteBlob(...args)),
		startUpload: (image, options) =>
			calls.run(async () => new CountedUpload(await writer.startUpload(image, options), calls)),
		findUpload: (image, id, options) =>
			calls.run(async () => {
				const upload = await writer.findUpload(image, id, options);
				return upload && new CountedUpload(upload, calls);
			}),
	};
}

/** Of a class, not a literal with a getter: V8 keeps what such a getter knows until the next full collection. */
class CountedUpload implements Upload {
	readonly id: string;
	readonly #upload: Upload;
	readonly #calls: RunningCalls;

	constructor(upload: Upload, calls: RunningCalls) {
		this.id = upload.id;
		this.#upload = upload;
		this.#calls = calls;
	}

	get offset(): number {
		return this.#upload.offset;
	}

	append(...args: Parameters<Upload['append']>): ReturnType<Upload['append']> {
		return this.#calls.run(() => this.#upload.append(...args));
	}

	commit(...args: Parameters<Upload['commit']>): ReturnType<Upload['commit']> {
		return this.#calls.run(() => this.#upload.commit(...args));
	}

	cancel(): Promise<void> {
		return this.#calls.run(() => this.#upload.cancel());
	}
}
