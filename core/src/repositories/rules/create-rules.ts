import {namesMatch} from '../../access/names-match.ts';
import {type PathPattern, findPathPattern} from '../../access/path-pattern.ts';
import type {WriteRules} from '../../metadata/write-rules.ts';
import {findManifestKind} from '../../oci/media-types.ts';
import {checkRetention} from '../retention/retention-rule.ts';
import {findByteSize} from './byte-size.ts';
import {platformTags} from './platform-tags.ts';
import type {RepositoryRules, RuleOptions} from './repository-rules.ts';

interface RuleProblem {
	readonly path: string;
	readonly message: string;
}

/** Everything that is wrong with them, at JSON pointers: for the `check` of a repository type. */
export function checkRules(options: RuleOptions): readonly RuleProblem[] {
	const problems: RuleProblem[] = [];
	for (const name of ['includesPattern', 'excludesPattern'] as const) {
		const wrong = splitPatterns(options[name]).find(text => findPathPattern(text) === undefined);
		if (wrong !== undefined) {
			problems.push({path: `/${name}`, message: `"${wrong.slice(0, 100)}" is not an Ant pattern of paths`});
		}
	}
	for (const [index, text] of (options.immutableTags ?? []).entries()) {
		if (text.includes('/') || findPathPattern(text) === undefined) {
			problems.push({path: `/immutableTags/${index}`, message: 'is not a pattern of tags, such as "v*"'});
		}
	}
	for (const name of ['repositoryQuota', 'imageQuota'] as const) {
		if (options[name] !== undefined && options[name] !== '' && bytesOf(options[name]) === undefined) {
			problems.push({path: `/${name}`, message: 'is not a number of bytes, such as "500MB" or "10GiB"'});
		}
	}
	const inRetention = checkRetention(options.retention ?? []);
	problems.push(...inRetention.map(({path, message}) => ({path: `/retention${path}`, message})));
	return problems;
}

/** The rules that options mean which `checkRules` has nothing against. */
export function createRules(options: RuleOptions): RepositoryRules {
	return {
		blackedOut: options.blackedOut === true,
		takes: createTakes(options),
		otherNameOf: options.otherNameOf,
		writes: createWriteRules(options),
	};
}

function createWriteRules(options: RuleOptions): WriteRules {
	const {maxUniqueTags = 0, dockerTagRetention = 0, immutableTags = []} = options;
	const quota = {repository: bytesOf(options.repositoryQuota), image: bytesOf(options.imageQuota)};
	return {
		...(immutableTags.length > 0 && {immutableBy: createImmutableBy(immutableTags)}),
		...(maxUniqueTags > 0 && {maxUniqueTags}),
		...(dockerTagRetention > 0 && {tagRetention: dockerTagRetention}),
		...(options.blockPushingSchema1 === true && {
			refusesType: (mediaType: string) => findManifestKind(mediaType) === 'schema1',
		}),
		...(options.platformTags === true && {derive: platformTags}),
		...((quota.repository !== undefined || quota.image !== undefined) && {quota}),
	};
}

function createImmutableBy(texts: readonly string[]): WriteRules['immutableBy'] {
	const patterns = parsePatterns(texts);
	return tag => patterns.find(pattern => pattern.matches(tag))?.text;
}

/** Undefined where any image is taken, so that nobody has to ask. */
function createTakes({includesPattern = '', excludesPattern = '', otherNameOf}: RuleOptions): RepositoryRules['takes'] {
	const given = splitPatterns(includesPattern);
	const included = given.some(text => text === '**' || text === '**/*') ? [] : parsePatterns(given);
	const excluded = parsePatterns(splitPatterns(excludesPattern));
	if (included.length === 0 && excluded.length === 0) {
		return undefined;
	}
	return (image, otherName = otherNameOf?.(image)) =>
		(included.length === 0 || namesMatch(included, image, otherName)) && !namesMatch(excluded, image, otherName);
}

function splitPatterns(text = ''): readonly string[] {
	return text
		.split(',')
		.map(part => part.trim())
		.filter(part => part !== '');
}

function parsePatterns(texts: readonly string[]): readonly PathPattern[] {
	return texts.flatMap(text => findPathPattern(text) ?? []);
}

function bytesOf(size: number | string | undefined): number | undefined {
	return size === undefined ? undefined : findByteSize(String(size));
}
