import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {makeFolder} from './fixtures/configuration-folder.ts';

/** With a driver that is made of others. */
const crates = `export default {
	name: 'crates',
	api: 1,
	storageDrivers: [{
		type: 'crate',
		create: () => undefined,
		dependencies: ({of}) => of,
		options: {
			type: 'object',
			additionalProperties: false,
			required: ['of'],
			properties: {of: {type: 'array', items: {type: 'string'}}},
		},
	}],
};
`;

const cases: readonly (readonly [title: string, storages: string, ...problems: string[]])[] = [
	[
		'a storage made of itself is refused',
		'{default: {driver: crate, options: {of: [default]}}}',
		'2:12 storages.default: would be made of itself: default -> default',
	],
	[
		'circles of storages are told for each of them',
		'{default: {driver: crate, options: {of: [b]}}, b: {driver: crate, options: {of: [default]}}}',
		'2:12 storages.default: would be made of itself: default -> b -> default',
		'2:58 storages.b: would be made of itself: b -> default -> b',
	],
	[
		'a storage made of one that is not there is refused',
		'{default: {driver: crate, options: {of: [slwo]}}, slow: {driver: box, options: {root: /srv}}}',
		'2:12 storages.default: there is no storage "slwo", did you mean "slow"?',
	],
	[
		'two storages made of the same one are refused',
		'{default: {driver: crate, options: {of: [c]}}, b: {driver: crate, options: {of: [c]}}, c: {driver: box, options: {root: /srv}}}',
		'2:58 storages.b: storage "c" is a part of "default" already',
	],
];

for (const [title, storages, ...expected] of cases) {
	test(title, async t => {
		const {folder, problems} = await makeFolder(t);
		await writeFile(join(folder, 'crates.js'), crates);
		const yaml = `plugins: [./plugin.js, ./crates.js]\nstorages: ${storages}\nbootstrap: {repositories: {}}\n`;
		t.deepEqual(await problems(yaml), expected);
	});
}
