import {AccessRules, type ImageName, parseImageName} from '@stowage/core';
import {groupsOf, makeTargets, sizes} from './large-world.ts';

const decisions = 1_000_000;
const mostMicroseconds = 20;

/** Microseconds of processor time for each of `count`. */
function cost(count: number, work: () => void): number {
	const before = process.cpuUsage();
	work();
	const {user, system} = process.cpuUsage(before);
	return (user + system) / count;
}

const targets = makeTargets();
const images: readonly ImageName[] = Array.from({length: 500}, (_, index) =>
	parseImageName(`team-${index * 4}/app/web`),
);
const groups = Array.from({length: sizes.groups}, (_, index) => ({name: `group-${index}`, adminPrivileges: false}));
const rules: AccessRules[] = [];
const compiling = cost(1, () => {
	rules.push(new AccessRules({targets, groups, anonymousRead: false, classOf: () => 'local'}));
});
const users = Array.from({length: sizes.users}, (_, index) => ({
	user: `user-${index}`,
	groups: groupsOf(index),
	admin: false,
}));
const rights: ReturnType<AccessRules['rightsOf']>[] = [];
const first = cost(sizes.users, () => {
	for (const principal of users) {
		const compiled = rules[0]!.rightsOf(principal);
		compiled.may('read', 'docker-1', images[0]);
		rights.push(compiled);
	}
});
let allowed = 0;
const later = cost(decisions, () => {
	for (let index = 0; index < decisions; index++) {
		const {may} = rights[(index * 7919) % rights.length]!;
		allowed += Number(may('read', `docker-${index % sizes.repositories}`, images[(index * 31) % images.length]));
	}
});

console.log(`${sizes.users} users, ${sizes.groups} groups, ${sizes.targets} permission targets`);
console.log(`preparing the rules after a change  ${(compiling / 1000).toFixed(1)} ms`);
console.log(`first decision about a user         ${first.toFixed(2)} us`);
console.log(`each further decision               ${later.toFixed(2)} us (${allowed} of ${decisions} allowed)`);
if (Math.max(first, later) > mostMicroseconds) {
	console.error(`more than the ${mostMicroseconds} us that a decision may cost`);
	process.exitCode = 1;
}
