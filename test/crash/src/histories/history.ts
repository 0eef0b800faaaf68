import * as fc from 'fast-check';
import {historyRules} from './history-rules.ts';

/** A manifest of which there is one only: the same layers and the same salt are the same bytes. */
export interface ManifestSpec {
	readonly layers: readonly number[];
	readonly salt: number;
}

interface OfImage {
	/** Numbers of a repository and of an image. */
	readonly repository: number;
	readonly image: number;
}

export type Removing =
	| (OfImage & {readonly do: 'delete tag' | 'delete manifest' | 'remove tag'; readonly tag: number})
	| (OfImage & {readonly do: 'remove image'})
	| (OfImage & {readonly do: 'delete blob'; readonly layer: number});

/** Something that somebody does. Numbers stand for names. */
export type Step =
	| (OfImage & {readonly do: 'push'; readonly manifest: ManifestSpec; readonly tag?: number})
	| (OfImage & {readonly do: 'move tag'; readonly manifests: readonly ManifestSpec[]; readonly tag: number})
	| (OfImage & {readonly do: 'push index'; readonly manifests: readonly ManifestSpec[]; readonly tag?: number})
	| (OfImage & {readonly do: 'refer'; readonly tag: number; readonly how: 'subject' | 'companion'})
	| (OfImage & {readonly do: 'keep'; readonly manifest: ManifestSpec})
	| (OfImage & {readonly do: 'read'; readonly tag: number})
	| Removing
	| (OfImage & {
			readonly do: 'promote';
			readonly to: number;
			readonly tag?: number;
			readonly targetTag?: number;
			readonly copy: boolean;
	  })
	| (OfImage & {readonly do: 'mount'; readonly layer: number; readonly from: OfImage})
	| (OfImage & {
			readonly do: 'push promised';
			readonly manifest: ManifestSpec;
			readonly tag?: number;
			/** The repository that blobs are mounted from; undefined: it is asked whether they are there. */
			readonly from?: number;
			/** Parts of the grace period before the answers and after them. */
			readonly pauses: readonly [number, number];
	  })
	| {readonly do: 'retain'; readonly policy: number}
	| {readonly do: 'collect' | 'sweep'};

export const repositories = 3;
export const images = 2;
export const tags = 3;
export const layers = 5;
export const policies = 3;

const below = (count: number) => fc.integer({min: 0, max: count - 1});
const manifest = fc.record({
	layers: fc.uniqueArray(below(layers), {minLength: 1, maxLength: 3}),
	salt: below(2),
});
/** That with rules is twice as likely, so that several meet there. */
const repository = fc.oneof(below(repositories), below(repositories), fc.constant(historyRules.repository));
const ofImage = {repository, image: below(images)};
const tag = below(tags);
const maybeTag = fc.option(tag, {nil: undefined});

const usual: readonly fc.WeightedArbitrary<Step>[] = [
	{weight: 6, arbitrary: fc.record({do: fc.constant('push' as const), ...ofImage, manifest, tag: maybeTag})},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('move tag' as const),
			...ofImage,
			manifests: fc.array(manifest, {minLength: 3, maxLength: 4}),
			tag,
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('push index' as const),
			...ofImage,
			manifests: fc.array(manifest, {minLength: 1, maxLength: 3}),
			tag: maybeTag,
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('refer' as const),
			...ofImage,
			tag,
			how: fc.constantFrom('subject' as const, 'companion' as const),
		}),
	},
	{weight: 2, arbitrary: fc.record({do: fc.constant('keep' as const), ...ofImage, manifest})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('read' as const), ...ofImage, tag})},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constantFrom('delete tag' as const, 'delete manifest' as const, 'remove tag' as const),
			...ofImage,
			tag,
		}),
	},
	{weight: 1, arbitrary: fc.record({do: fc.constant('remove image' as const), ...ofImage})},
	{
		weight: 2,
		arbitrary: fc.record({
			do: fc.constant('mount' as const),
			...ofImage,
			layer: below(layers),
			from: fc.record(ofImage),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('promote' as const),
			...ofImage,
			to: repository,
			tag: maybeTag,
			targetTag: maybeTag,
			copy: fc.boolean(),
		}),
	},
	{weight: 2, arbitrary: fc.record({do: fc.constant('retain' as const), policy: below(policies)})},
	{weight: 3, arbitrary: fc.record({do: fc.constantFrom('collect' as const, 'sweep' as const)})},
];

const deleteBlob: fc.WeightedArbitrary<Step> = {
	weight: 1,
	arbitrary: fc.record({do: fc.constant('delete blob' as const), ...ofImage, layer: below(layers)}),
};

const promised: fc.WeightedArbitrary<Step> = {
	weight: 6,
	arbitrary: fc.record({
		do: fc.constant('push promised' as const),
		...ofImage,
		manifest,
		tag: maybeTag,
		from: fc.option(below(repositories), {nil: undefined}),
		// Both together are more than a collection spares what nobody renews.
		pauses: fc.constantFrom([0.8, 0.75] as const, [0, 0.75] as const, [0.8, 0] as const),
	}),
};

type History = readonly (readonly Step[])[];

/** What several do at the same time, each one step after the other. */
const historyOf = (steps: readonly fc.WeightedArbitrary<Step>[], maxLength: number): fc.Arbitrary<History> =>
	fc.array(fc.array(fc.oneof(...steps), {minLength: 4, maxLength}), {minLength: 2, maxLength: 4});

/** By what is shown: without a grace period, and with one, in which nobody deletes a blob that is promised to others. */
export const histories = {
	atOnce: historyOf([...usual, deleteBlob], 14),
	promised: historyOf([...usual, promised], 8),
};
