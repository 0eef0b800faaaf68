import {type Digest, type TagName, digestAlgorithm, digestHex, parseTagName} from '@stowage/core';

/** The tag that clients keep a list of referrers in where the registry has none (specification, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): TagName {
	return parseTagName(`${digestAlgorithm(subject)}-${digestHex(subject).slice(0, 64)}`);
}
