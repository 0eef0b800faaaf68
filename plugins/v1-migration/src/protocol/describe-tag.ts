import type {V1ImageRecord, V1Tag} from '@stowage/core';

/** What the reference implementation keeps beside a tag, as far as the image itself says it. */
export function describeTag({taggedAt}: V1Tag, image: Pick<V1ImageRecord, 'json'> | undefined): object {
	const document = image === undefined ? {} : (JSON.parse(image.json.toString()) as Record<string, unknown>);
	const text = (name: string) => (typeof document[name] === 'string' ? document[name] : null);
	return {
		last_update: Math.floor(taggedAt.getTime() / 1000),
		docker_version: text('docker_version'),
		docker_go_version: null,
		arch: text('architecture'),
		os: text('os'),
		kernel: null,
	};
}
