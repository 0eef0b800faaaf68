import {type Digest, parseDigest} from './digest.ts';
import {type TagName, parseTagName} from './tag-name.ts';

/** How a client names a manifest. */
export type Reference =
	{readonly tag: TagName; readonly digest?: undefined} | {readonly digest: Digest; readonly tag?: undefined};

/** A colon makes it a digest, since no tag has one. Throws `DIGEST_INVALID` or `TAG_INVALID`. */
export function parseReference(text: string): Reference {
	return text.includes(':') ? {digest: parseDigest(text)} : {tag: parseTagName(text)};
}
