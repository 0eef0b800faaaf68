import type {FoundManifest, ImageName, TagName} from '@stowage/core';
import type {Asking} from './asking.ts';
import type {Member, Step} from './resolution.ts';

type Found = {readonly answer: FoundManifest; readonly member: Member} | undefined;

/**
 * Like asking the steps one after the other, but of the members that have all they have themselves the one answers whose
 * tag was set last; those with priority are compared with each other, and the others when those do not have the tag.
 */
export async function findLatest(
	asking: Asking,
	steps: readonly Step[],
	{image, tag}: {readonly image: ImageName; readonly tag: TagName},
): Promise<Found> {
	let latest: Found;
	let priority = true;
	for (const step of steps) {
		const local = step.member.repository?.fetches !== true;
		if (latest !== undefined && (!local || step.priority !== priority)) {
			return latest;
		}
		priority = step.priority;
		const found = await asking.askFirst([step], image, (member, options) => member.findManifest(image, {tag}, options));
		if (found !== undefined && !local) {
			return found;
		}
		if (found !== undefined && timeOf(found) > timeOf(latest)) {
			latest = found;
		}
	}
	return latest;
}

function timeOf(found: Found): number {
	return found === undefined ? -Infinity : (found.answer.taggedAt?.getTime() ?? 0);
}
