import {findPathPattern} from '../../access/path-pattern.ts';
import type {RetainedItem} from '../../metadata/retention-records.ts';
import type {Digest} from '../../oci/digest.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {TagName} from '../../oci/tag-name.ts';
import type {RetentionRule} from './retention-rule.ts';

/** What a policy wants to be gone, and why. */
export interface LeavingItem {
	readonly item: RetainedItem;
	/** Name of the rule. */
	readonly rule: string;
	/** A part of a sentence: `pushed 45 days ago, not among the newest 10`. */
	readonly reason: string;
}

export interface ChooseRequest {
	readonly image: ImageName;
	/** All of the image. */
	readonly items: readonly RetainedItem[];
	/** Those that are for the repository. */
	readonly rules: readonly RetentionRule[];
	readonly now: Date;
	/** The pattern for which a tag is immutable. */
	readonly immutableBy?: (tag: TagName) => string | undefined;
	/** Labels of the configs that a manifest leads to. Asked only where a rule names labels. */
	readonly labelsOf: (digest: Digest) => Promise<readonly Readonly<Record<string, string>>[]>;
}

const dayMs = 24 * 60 * 60_000;

/** Whom rules let go: what a rule to remove is for, no rule to keep is for, and no pattern makes immutable. */
export async function chooseLeaving(request: ChooseRequest): Promise<readonly LeavingItem[]> {
	const {rules, immutableBy} = request;
	const leaving = new Map<RetainedItem, LeavingItem>();
	for (const rule of rules.filter(({action}) => action === 'remove')) {
		for (const item of await holdsFor(rule, request)) {
			if (!leaving.has(item) && (item.tag === undefined || immutableBy?.(item.tag) === undefined)) {
				leaving.set(item, {item, rule: rule.name, reason: reasonOf(rule, item, request.now)});
			}
		}
	}
	if (leaving.size > 0) {
		for (const rule of rules.filter(({action}) => action === 'keep')) {
			for (const item of await holdsFor(rule, request)) {
				leaving.delete(item);
			}
		}
	}
	return [...leaving.values()];
}

/** Of what the rule is about, that for which all that it says is so. */
async function holdsFor(rule: RetentionRule, request: ChooseRequest): Promise<readonly RetainedItem[]> {
	const about = await isAbout(rule, request);
	const newestFirst = about.toSorted((one, other) => other.pushedAt.getTime() - one.pushedAt.getTime());
	return newestFirst
		.filter((_item, place) => place < (rule.newest ?? Number.POSITIVE_INFINITY) && place >= (rule.exceptNewest ?? 0))
		.filter(item => holdsAt(rule, item, request.now));
}

function holdsAt(rule: RetentionRule, {pushedAt, pulledAt}: RetainedItem, now: Date): boolean {
	const before = (days: number) => now.getTime() - days * dayMs;
	const {olderThanDays, youngerThanDays, notPulledForDays, pulledWithinDays} = rule;
	const used = Math.max(pushedAt.getTime(), pulledAt?.getTime() ?? 0);
	return (
		(olderThanDays === undefined || pushedAt.getTime() < before(olderThanDays)) &&
		(youngerThanDays === undefined || pushedAt.getTime() >= before(youngerThanDays)) &&
		(notPulledForDays === undefined || used < before(notPulledForDays)) &&
		(pulledWithinDays === undefined || (pulledAt !== undefined && pulledAt.getTime() >= before(pulledWithinDays)))
	);
}

async function isAbout(rule: RetentionRule, {image, items, labelsOf}: ChooseRequest): Promise<readonly RetainedItem[]> {
	if (!allows(image, rule.images, rule.excludedImages)) {
		return [];
	}
	const named = items.filter(({tag}) =>
		tag === undefined ? rule.untagged : !rule.untagged && allows(tag, rule.tags, rule.excludedTags),
	);
	const labels = Object.entries(rule.labels ?? {}).map(([name, text]) => ({name, pattern: findPathPattern(text)}));
	if (labels.length === 0) {
		return named;
	}
	const labelled: RetainedItem[] = [];
	for (const item of named) {
		const configs = await labelsOf(item.digest);
		if (configs.some(config => labels.every(({name, pattern}) => pattern?.matches(config[name] ?? '') === true))) {
			labelled.push(item);
		}
	}
	return labelled;
}

/** Whether a name fits one of the patterns, if there are any, and none of those that are left out. */
export function allows(name: string, included: readonly string[] = ['**'], excluded: readonly string[] = []): boolean {
	const fits = (texts: readonly string[]) => texts.some(text => findPathPattern(text)?.matches(name));
	return fits(included) && !fits(excluded);
}

function reasonOf(rule: RetentionRule, {pushedAt, pulledAt}: RetainedItem, now: Date): string {
	const ago = (date: Date) => `${Math.floor((now.getTime() - date.getTime()) / dayMs)} days ago`;
	const {exceptNewest, newest, labels, notPulledForDays, pulledWithinDays} = rule;
	const reasons = [`pushed ${ago(pushedAt)}`];
	if (notPulledForDays !== undefined || pulledWithinDays !== undefined) {
		reasons.push(pulledAt === undefined ? 'no pull noted' : `pulled ${ago(pulledAt)}`);
	}
	if (exceptNewest !== undefined) {
		reasons.push(`not among the newest ${exceptNewest}`);
	}
	if (newest !== undefined) {
		reasons.push(`among the newest ${newest}`);
	}
	if (labels !== undefined) {
		reasons.push(`labels ${Object.keys(labels).join(', ')}`);
	}
	return reasons.join(', ');
}
