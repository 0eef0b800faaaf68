import test from 'ava';
import {parseImageName} from '../oci/image-name.ts';
import {actions} from './action.ts';
import {rightsOf} from './rights.ts';

const image = parseImageName('app');

test('an administrator may do everything', t => {
	const rights = rightsOf({admin: true, anonymousRead: false});
	t.true(rights.admin);
	t.true(actions.every(action => rights.may(action, 'docker-local', image) && rights.may(action, 'docker-local')));
});

test('who has been granted nothing may do nothing', t => {
	const rights = rightsOf({admin: false, anonymousRead: false});
	t.false(rights.admin);
	t.false(actions.some(action => rights.may(action, 'docker-local', image) || rights.may(action, 'docker-local')));
});

test('anonymous reading allows reading and nothing else', t => {
	const rights = rightsOf({admin: false, anonymousRead: true});
	t.deepEqual(
		actions.filter(action => rights.may(action, 'docker-local', image)),
		['read'],
	);
});
