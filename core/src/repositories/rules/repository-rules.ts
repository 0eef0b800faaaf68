import type {WriteRules} from '../../metadata/write-rules.ts';
import type {ImageName} from '../../oci/image-name.ts';
import type {RetentionRule} from '../retention/retention-rule.ts';

/** The options that rules are made of, called as Artifactory calls them where it has them. All may be left out. */
export interface RuleOptions {
	readonly includesPattern?: string;
	/** Another name of the same image, and of that one this: patterns count for both. Not an option, but what a type adds. */
	readonly otherNameOf?: (image: ImageName) => ImageName | undefined;
	readonly excludesPattern?: string;
	readonly blackedOut?: boolean;
	/** 0 for any number. */
	readonly maxUniqueTags?: number;
	/** 0 for any number. */
	readonly dockerTagRetention?: number;
	readonly blockPushingSchema1?: boolean;
	readonly immutableTags?: readonly string[];
	readonly platformTags?: boolean;
	/** A number of bytes, or a text as `findByteSize` reads it; none when it is empty. */
	readonly repositoryQuota?: number | string;
	readonly imageQuota?: number | string;
	/** What is removed by and by. Left out by a type that has no policies. */
	readonly retention?: readonly RetentionRule[];
}

/** What an operator said a repository gives and takes, prepared to be asked often. */
export interface RepositoryRules {
	/** Whether it neither gives nor takes anything. */
	readonly blackedOut: boolean;
	/**
	 * Whether its patterns let it have this image, which another repository knows by another name as well. Left out by one
	 * that may have any.
	 */
	readonly takes?: (image: ImageName, otherName?: ImageName) => boolean;
	/** As of the options. */
	readonly otherNameOf?: (image: ImageName) => ImageName | undefined;
	/** For what is written to its images. */
	readonly writes: WriteRules;
}

/** What may have rules. */
export interface Ruled {
	readonly key: string;
	readonly rules?: RepositoryRules;
}

/** Whether there is anything that a repository does not give and take. */
export function leavesOut({rules}: Pick<Ruled, 'rules'>): boolean {
	return rules !== undefined && (rules.blackedOut || rules.takes !== undefined);
}

/** Whether a repository gives and takes this image, by either name where it has two; without one, whether any. */
export function serves({rules}: Pick<Ruled, 'rules'>, image?: ImageName, otherName?: ImageName): boolean {
	return (
		rules === undefined ||
		(!rules.blackedOut && (image === undefined || rules.takes === undefined || rules.takes(image, otherName)))
	);
}
