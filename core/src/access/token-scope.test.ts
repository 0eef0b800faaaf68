import test from 'ava';
import {findImageName, parseImageName} from '../oci/image-name.ts';
import {actions} from './action.ts';
import {findTokenScope, limitToParts} from './token-scope.ts';

const empty = {user: false, admin: false, groups: [], parts: []};

const understood = [
	['applied-permissions/user', {...empty, user: true}],
	['member-of-groups:*', {...empty, user: true}],
	['applied-permissions/admin', {...empty, admin: true}],
	['applied-permissions/groups:a,b', {...empty, groups: ['a', 'b']}],
	['applied-permissions/groups:"team one",b', {...empty, groups: ['team one', 'b']}],
	['member-of-groups:readers', {...empty, groups: ['readers']}],
	['applied-permissions/user applied-permissions/groups:a', {...empty, user: true, groups: ['a']}],
] as const;

for (const [text, scope] of understood) {
	test(`${text} is understood`, t => {
		t.deepEqual<unknown, unknown>(findTokenScope(text), scope);
	});
}

for (const text of [
	'',
	' ',
	'applied-permissions/everything',
	'applied-permissions/groups:',
	'applied-permissions/groups:a,,b',
	'artifact:docker-local',
	'artifact:docker-local/team/**:x',
	'artifact::r',
	'artifact:docker-local/../x:r',
	'applied-permissions/user api:*',
	'applied-permissions/user "',
	`applied-permissions/groups:${'a'.repeat(5000)}`,
	Array.from({length: 65}, () => 'applied-permissions/user').join(' '),
]) {
	test(`"${text.slice(0, 40)}" is not a scope`, t => {
		t.is(findTokenScope(text), undefined);
	});
}

const parts = [
	['artifact:docker-local/team/**:r', 'docker-local', 'team/app', ['read']],
	['artifact:docker-local/team/**:r', 'docker-local', 'other', []],
	['artifact:docker-local/team/**:r', 'docker-other', 'team/app', []],
	['artifact:docker-local:rw', 'docker-local', 'other', ['read', 'write']],
	['artifact:docker-local/:*', 'docker-local', 'other', actions],
	['artifact:*/app:r,d', 'docker-other', 'app', ['read', 'delete']],
	['artifact:a/x:r artifact:a/**:n', 'a', 'x', ['read', 'annotate']],
] as const;

for (const [text, repository, image, allowed] of parts) {
	test(`${text} allows ${allowed.join(', ') || 'nothing'} on ${repository}/${image}`, t => {
		const may = limitToParts({may: () => true}, findTokenScope(text)?.parts ?? []);
		t.deepEqual(
			actions.filter(action => may(action, repository, parseImageName(image))),
			allowed,
		);
	});
}

test('a part allows nothing that the rights do not', t => {
	const may = limitToParts({may: action => action === 'write'}, findTokenScope('artifact:a/**:r')?.parts ?? []);
	t.deepEqual(
		actions.filter(action => may(action, 'a')),
		[],
	);
});

test('a part is about an image by either of its names', t => {
	const parts = findTokenScope('artifact:hub/library/busybox:r')?.parts ?? [];
	const may = limitToParts({may: () => true}, parts, (_key, image) => findImageName(`library/${image}`));
	t.true(may('read', 'hub', parseImageName('busybox')));
	t.false(may('read', 'hub', parseImageName('alpine')));
	t.false(limitToParts({may: () => true}, parts)('read', 'hub', parseImageName('busybox')));
});
