import {
	type Content,
	content,
	type ContentDescriptor,
	emptyContent,
	imageManifest,
	indexManifest,
	mediaTypes,
	randomContent,
} from './content.ts';

/** One of the conformance suite's sets of data: what it pushes, in order, and what it then expects. */
export interface ConformanceData {
	readonly blobs: readonly Content[];
	/** What is referred to comes before what refers to it. */
	readonly manifests: readonly Content[];
	/** By digest. */
	readonly tags: Readonly<Record<string, string>>;
	/** Entries of the referrers list, by the digest of their subject. */
	readonly referrers?: Readonly<Record<string, readonly ContentDescriptor[]>>;
}

type Algorithm = 'sha256' | 'sha512';

interface Built {
	readonly blobs: readonly Content[];
	readonly manifest: Content;
}

function image(more: object = {}, layerCount = 2, algorithm: Algorithm = 'sha256'): Built {
	const config = content(JSON.stringify({created: randomContent(8).digest}), mediaTypes.config, algorithm);
	const layers = Array.from({length: layerCount}, () => randomContent(256, algorithm));
	return {blobs: [config, ...layers], manifest: imageManifest({config, layers, more, algorithm})};
}

function index(images: readonly Built[], more: object = {}): Content {
	const platforms = ['amd64', 'arm64', 's390x'];
	const entries = images.map(({manifest}, position) => ({
		...manifest.descriptor,
		platform: {os: 'linux', architecture: platforms[position] ?? 'arm'},
	}));
	return indexManifest(entries, more);
}

function artifact(artifactType: string, more: object = {}): Built {
	const layer = randomContent(64);
	return {blobs: [emptyContent, layer], manifest: imageManifest({layers: [layer], more: {artifactType, ...more}})};
}

function single(built: Built, tag: string): ConformanceData {
	return {blobs: built.blobs, manifests: [built.manifest], tags: {[tag]: built.manifest.digest}};
}

function indexed(images: readonly Built[], indexes: readonly Content[], tag: string): ConformanceData {
	const manifests = [...images.map(({manifest}) => manifest), ...indexes];
	return {blobs: images.flatMap(({blobs}) => blobs), manifests, tags: {[tag]: manifests.at(-1)?.digest ?? ''}};
}

function entry(manifest: Content, artifactType: string, annotations: Record<string, string>): ContentDescriptor {
	return {...manifest.descriptor, artifactType, annotations};
}

function referring(subject: Built, pushed: boolean): ConformanceData {
	const types = ['application/vnd.example.oci.conformance.v1', 'application/vnd.example.oci.conformance.v2'];
	const referrers = types.map((type, position) => {
		const annotations = {'org.example.position': `${position}`};
		return {type, annotations, built: artifact(type, {subject: subject.manifest.descriptor, annotations})};
	});
	return {
		blobs: [...(pushed ? subject.blobs : []), ...referrers.flatMap(({built}) => built.blobs)],
		manifests: [...(pushed ? [subject.manifest] : []), ...referrers.map(({built}) => built.manifest)],
		tags: {'tagged-artifact': referrers[0]?.built.manifest.digest ?? ''},
		referrers: {
			[subject.manifest.digest]: referrers.map(each => entry(each.built.manifest, each.type, each.annotations)),
		},
	};
}

function subjectList(): ConformanceData {
	const images = [image(), image()];
	const subject = index(images);
	const annotations = {'org.example.kind': 'index'};
	const type = 'application/vnd.example.oci.conformance.index';
	const parts = [artifact('application/vnd.example.part', {annotations: {part: '1'}})];
	const referrer = index(parts, {artifactType: type, annotations, subject: subject.descriptor});
	const data = indexed([...images, ...parts], [subject, referrer], 'subject-list');
	return {...data, referrers: {[subject.digest]: [entry(referrer, type, annotations)]}};
}

function dataField(): ConformanceData {
	const bytes = content(JSON.stringify({carried: randomContent(8).digest}), mediaTypes.config);
	const config = {...bytes, descriptor: {...bytes.descriptor, data: bytes.bytes.toString('base64')}};
	return single({blobs: [bytes], manifest: imageManifest({config, layers: []})}, 'data-field');
}

function nondistributable(): ConformanceData {
	const {blobs} = image({}, 1);
	const foreign = ['+gzip', ''].map(suffix => {
		const layer = randomContent(32);
		const mediaType = `application/vnd.oci.image.layer.nondistributable.v1.tar${suffix}`;
		return {
			...layer,
			descriptor: {...layer.descriptor, mediaType, urls: [`https://store.example.com/${layer.digest}`]},
		};
	});
	const layers = [...foreign, ...blobs.slice(1)];
	return single({blobs, manifest: imageManifest({config: blobs[0], layers})}, 'non-distributable-image');
}

function sha512(): ConformanceData {
	const built = image({}, 2, 'sha512');
	return {blobs: built.blobs, manifests: [built.manifest], tags: {}};
}

/** By the name of the switch that turns the set on (`conformance/README.md` of the distribution specification). */
export const conformanceData: Readonly<Record<string, () => ConformanceData>> = {
	OCI_DATA_IMAGE: () => single(image(), 'image'),
	OCI_DATA_INDEX: () => {
		const images = [image(), image()];
		return indexed(images, [index(images)], 'index');
	},
	OCI_DATA_INDEX_LIST: () => {
		const images = [image(), image(), image()];
		const lists = [index(images.slice(0, 2)), index(images.slice(1))];
		return indexed(images, [...lists, indexManifest(lists.map(({descriptor}) => descriptor))], 'nested-index');
	},
	OCI_DATA_ARTIFACT: () => single(artifact('application/vnd.example.oci.conformance'), 'artifact'),
	OCI_DATA_ARTIFACT_LIST: () => {
		const parts = ['1', '2'].map(part => artifact('application/vnd.example.part', {annotations: {part}}));
		return indexed(parts, [index(parts, {artifactType: 'application/vnd.example.list'})], 'artifact-index');
	},
	OCI_DATA_SPARSE: () => {
		const [there, elsewhere] = [image(), image()];
		return indexed([there], [index([there, elsewhere])], 'sparse-index');
	},
	OCI_DATA_SUBJECT: () => referring(image(), true),
	OCI_DATA_SUBJECT_MISSING: () => referring(image(), false),
	OCI_DATA_SUBJECT_LIST: subjectList,
	OCI_DATA_DATA_FIELD: dataField,
	OCI_DATA_NONDISTRIBUTABLE: nondistributable,
	OCI_DATA_CUSTOM_FIELDS: () =>
		single(image({[`org.example.${randomContent(4).digest.slice(-8)}`]: 'x'}), 'custom-fields'),
	OCI_DATA_NO_LAYERS: () => single(image({}, 0), 'no-layers'),
	OCI_DATA_SHA512: sha512,
};
