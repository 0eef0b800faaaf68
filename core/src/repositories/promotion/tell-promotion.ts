import type {EventBus} from '../../events/event-bus.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {PromotedImage} from './image-promotion.ts';

interface Place {
	readonly repository: string;
	readonly image: ImageName;
}

/** Tells what a promotion has given to the target and taken from the source. */
export function tellPromotion(
	events: EventBus,
	{tags, removedTags, removedManifests, replaced}: PromotedImage,
	{from, to, by}: {readonly from: Place; readonly to: Place; readonly by: string},
): void {
	const common = {at: new Date(), actor: by};
	const source = {repository: from.repository, image: from.image};
	for (const {tag, manifest} of tags) {
		const {repository, image} = to;
		events.emit({...common, type: 'tag.promoted', repository, image, tag, manifest, from: source});
	}
	for (const tag of removedTags) {
		events.emit({...common, ...source, type: 'tag.deleted', tag});
	}
	for (const digest of removedManifests) {
		events.emit({...common, ...source, type: 'manifest.deleted', digest});
	}
	for (const {tag} of replaced.tags) {
		events.emit({...common, repository: to.repository, image: to.image, type: 'tag.deleted', tag});
	}
	for (const {digest} of replaced.manifests) {
		events.emit({...common, repository: to.repository, image: to.image, type: 'manifest.deleted', digest});
	}
}
