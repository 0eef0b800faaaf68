import test from 'ava';
import {parseImageName} from '../oci/image-name.ts';
import {type AccessEntry, findAccessEntries, limitRights} from './access-entry.ts';
import {rightsOf} from './rights.ts';

const app = parseImageName('team/app');
const other = parseImageName('team/other');
const everything = rightsOf({admin: true, anonymousRead: false});
const reading = rightsOf({admin: false, anonymousRead: true});

const entries: readonly AccessEntry[] = [
	{repository: 'docker-local', image: app, actions: ['read', 'write']},
	{repository: 'docker-open', image: '*', actions: ['read']},
];

const cases = [
	{action: 'read', repository: 'docker-local', image: app, allowed: true},
	{action: 'write', repository: 'docker-local', image: app, allowed: true},
	{action: 'delete', repository: 'docker-local', image: app, allowed: false},
	{action: 'read', repository: 'docker-local', image: other, allowed: false},
	{action: 'read', repository: 'docker-local', image: undefined, allowed: true},
	{action: 'delete', repository: 'docker-local', image: undefined, allowed: false},
	{action: 'read', repository: 'docker-open', image: other, allowed: true},
	{action: 'read', repository: 'docker-open', image: undefined, allowed: true},
	{action: 'write', repository: 'docker-open', image: other, allowed: false},
	{action: 'read', repository: 'docker-loca', image: app, allowed: false},
	{action: 'read', repository: '*', image: app, allowed: false},
] as const;

for (const {action, repository, image, allowed} of cases) {
	test(`entries ${allowed ? 'allow' : 'do not allow'} ${action} of ${repository}/${image ?? '(any image)'}`, t => {
		t.is(limitRights(everything, entries)(action, repository, image), allowed);
	});
}

test('entries never allow more than the rights of their owner', t => {
	const may = limitRights(reading, entries);
	t.true(may('read', 'docker-local', app));
	t.false(may('write', 'docker-local', app));
	t.false(may('write', 'docker-local'));
});

test('an entry may be for every repository', t => {
	const may = limitRights(everything, [{repository: '*', image: '*', actions: ['read']}]);
	t.true(may('read', 'docker-local', app));
	t.true(may('read', 'docker-open'));
	t.false(may('write', 'docker-local', app));
});

test('any image means one that both the entries and the rights know', t => {
	const may = limitRights({may: (_action, _repository, image) => image === other}, entries);
	t.false(may('read', 'docker-local'));
});

test('a list of entries comes out of JSON as it went in', t => {
	t.deepEqual(findAccessEntries(JSON.parse(JSON.stringify(entries))), entries);
	t.deepEqual(findAccessEntries([]), []);
});

const malformed = [
	undefined,
	null,
	'*',
	{},
	[null],
	[{}],
	[{repository: 'a', image: '*'}],
	[{repository: 'a', image: '*', actions: 'read'}],
	[{repository: 'a', image: '*', actions: ['everything']}],
	[{repository: 'a', image: '../b', actions: ['read']}],
	[{repository: 1, image: '*', actions: ['read']}],
	[{repository: 'a', image: '*', actions: ['read']}, 7],
];

for (const value of malformed) {
	test(`${JSON.stringify(value) ?? 'nothing'} is not a list of entries`, t => {
		t.is(findAccessEntries(value), undefined);
	});
}
