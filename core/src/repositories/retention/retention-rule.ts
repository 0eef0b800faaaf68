import {type Static, Type} from 'typebox';
import {findPathPattern} from '../../access/path-pattern.ts';

const pattern = Type.String({minLength: 1, maxLength: 1024});
const patterns = (description: string) => Type.Optional(Type.Array(pattern, {minItems: 1, maxItems: 100, description}));
const days = (description: string) => Type.Optional(Type.Number({minimum: 0, maximum: 36_500, description}));
const count = (description: string) => Type.Optional(Type.Integer({minimum: 0, maximum: 1_000_000, description}));

/** A rule of a retention policy: what it is about, and for what of that it holds. All that it says has to be so. */
export const retentionRule = Type.Object(
	{
		name: Type.String({minLength: 1, maxLength: 100, description: 'What a report calls it.'}),
		action: Type.Enum(['remove', 'keep'], {
			default: 'remove',
			description: '`keep` wins: what one such rule is for is not removed, whatever others say.',
		}),
		repositories: patterns('Patterns of repository keys; all unless told. Only where a policy is for several.'),
		images: patterns('Ant patterns of images; all unless told.'),
		excludedImages: patterns('Ant patterns of images that it is not about.'),
		tags: patterns('Patterns of tags, such as `build-*`; all unless told.'),
		excludedTags: patterns('Patterns of tags that it is not about.'),
		untagged: Type.Boolean({
			default: false,
			description: 'Whether it is about manifests that no tag, no index and no subject needs, instead of tags.',
		}),
		labels: Type.Optional(
			Type.Record(Type.String({maxLength: 1024}), pattern, {
				description: 'Labels of the config of the image, or of one of its platforms, and patterns of their values.',
			}),
		),
		newest: count('Holds for the newest so many of each image that it is about.'),
		exceptNewest: count('Holds for all but the newest so many of each image that it is about.'),
		olderThanDays: days('Holds for what was pushed longer ago.'),
		youngerThanDays: days('Holds for what was pushed since.'),
		notPulledForDays: days('Holds for what was neither pulled nor pushed since.'),
		pulledWithinDays: days('Holds for what was pulled since.'),
	},
	{additionalProperties: false},
);

export type RetentionRule = Static<typeof retentionRule>;

/** A policy: its rules, in no order. */
export const retentionRules = Type.Array(retentionRule, {
	maxItems: 100,
	description: 'What is removed when nobody wants it any more, and what is kept. Immutable tags always are.',
});

/** The option by which a type of repositories has a policy. A type spreads it into its schema. */
export const retentionSchemas = {retention: Type.Array(retentionRule, {...retentionRules, default: []})};

export interface RetentionProblem {
	/** A JSON pointer into the rules. */
	readonly path: string;
	readonly message: string;
}

/** Everything that is wrong with rules that fit the schema. */
export function checkRetention(rules: readonly RetentionRule[]): readonly RetentionProblem[] {
	return rules.flatMap((rule, index) =>
		checkRule(rule).map(({path, message}) => ({path: `/${index}${path}`, message})),
	);
}

const named = ['repositories', 'images', 'excludedImages', 'tags', 'excludedTags'] as const;
const conditions = [
	'images',
	'tags',
	'labels',
	'newest',
	'exceptNewest',
	'olderThanDays',
	'youngerThanDays',
	'notPulledForDays',
	'pulledWithinDays',
] as const;

function checkRule(rule: RetentionRule): readonly RetentionProblem[] {
	const problems: RetentionProblem[] = [];
	for (const name of named) {
		for (const [index, text] of (rule[name] ?? []).entries()) {
			const flat = name !== 'images' && name !== 'excludedImages';
			if (findPathPattern(text) === undefined || (flat && text.includes('/'))) {
				problems.push({path: `/${name}/${index}`, message: 'is not such a pattern'});
			}
		}
	}
	for (const [label, text] of Object.entries(rule.labels ?? {})) {
		if (findPathPattern(text) === undefined) {
			problems.push({path: `/labels/${label}`, message: 'is not a pattern'});
		}
	}
	if (rule.action === 'remove' && conditions.every(name => rule[name] === undefined)) {
		problems.push({path: '', message: 'would remove everything: say what of it'});
	}
	if (rule.untagged && (rule.tags !== undefined || rule.excludedTags !== undefined)) {
		problems.push({path: '/untagged', message: 'is about manifests without tags, so it cannot name tags'});
	}
	return problems;
}
