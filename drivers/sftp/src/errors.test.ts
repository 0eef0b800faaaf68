import {BrokenTransferError, MissingError} from '@stowage/core';
import test from 'ava';
import {ConnectionError, FullError, OutsideRootError, RefusedError, StatusError, classifyError} from './errors.ts';

test('an answer of the server has the code of what it means', t => {
	const meanings = {
		1: 'unknown',
		2: 'not-found',
		3: 'denied',
		4: 'unknown',
		5: 'unknown',
		6: 'unavailable',
		7: 'unavailable',
		8: 'unknown',
		10: 'not-found',
		12: 'denied',
		14: 'full',
		15: 'full',
		99: 'unknown',
	} as const;
	for (const [code, meaning] of Object.entries(meanings)) {
		const answer = Object.assign(new Error('the words of the server'), {code: Number(code)});
		t.is(classifyError(new StatusError('open /a', answer)), meaning, code);
	}
});

test('an error tells what was asked and what was answered', t => {
	const answer = Object.assign(new Error('Permission denied'), {code: 3});
	t.is(new StatusError('open /a', answer).message, 'open /a: Permission denied');
});

test('what the driver finds out itself has the code of what it means', t => {
	t.is(classifyError(new MissingError('gone')), 'not-found');
	t.is(classifyError(new OutsideRootError('a link')), 'denied');
	t.is(classifyError(new RefusedError('a wrong key')), 'denied');
	t.is(classifyError(new FullError('no room')), 'full');
	t.is(classifyError(new ConnectionError('cut')), 'unavailable');
	t.is(classifyError(new BrokenTransferError('silence')), 'unavailable');
	t.is(classifyError(Object.assign(new Error('odd'), {code: 'constructor'})), 'unknown');
});
