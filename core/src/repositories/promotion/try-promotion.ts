import type {MetadataStore} from '../../metadata/metadata-store.ts';
import type {PromotionOutcome, PromotionRequest} from '../../metadata/promotion-records.ts';

/** What a promotion would come to: it is done in a transaction that is then rolled back. */
export async function tryPromotion(
	metadata: Pick<MetadataStore, 'transaction'>,
	request: PromotionRequest,
): Promise<PromotionOutcome> {
	const undo = new Error('only tried');
	const outcomes: PromotionOutcome[] = [];
	try {
		await metadata.transaction(async store => {
			outcomes.push(await store.promotions.promote(request));
			throw undo;
		});
	} catch (error) {
		const outcome = outcomes.at(-1);
		if (error !== undo || outcome === undefined) {
			throw error;
		}
		return outcome;
	}
	throw undo;
}
