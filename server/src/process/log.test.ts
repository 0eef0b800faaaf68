import test from 'ava';
import {createLog} from './log.ts';

function makeLog({readable = false} = {}) {
	const lines: string[] = [];
	const log = createLog({level: 'info', readable, destination: {write: line => lines.push(line)}});
	return {log, lines, first: () => JSON.parse(lines[0] ?? '{}') as Record<string, unknown>};
}

test('a line is JSON with the time, the level, the fields and the message', t => {
	const {log, first} = makeLog();
	log.child({requestId: 'r1'}).info({status: 200}, 'request');
	t.like(first(), {level: 'info', requestId: 'r1', status: 200, msg: 'request'});
	t.false(Number.isNaN(Date.parse(String(first()['time']))));
});

test('what is below the level is not written', t => {
	const {log, lines} = makeLog();
	log.debug({}, 'detail');
	t.deepEqual(lines, []);
});

test('an error is written with its stack and its cause', t => {
	const {log, first} = makeLog();
	log.error({err: new Error('outside', {cause: new Error('inside')})}, 'failed');
	t.regex((first()['err'] as {stack: string}).stack, /outside[^]*inside/);
});

for (const name of [
	'password',
	'secret',
	'token',
	'authorization',
	'access_token',
	'set-cookie',
	'apiKey',
	'Authorization',
]) {
	test(`the value of "${name}" is masked wherever it stands`, t => {
		const {log, lines} = makeLog();
		log.info({[name]: 'geheim', options: {[name]: 'geheim'}, req: {headers: {[name]: 'geheim'}}}, 'told');
		t.notRegex(lines.join(''), /geheim/);
		t.is(lines.join('').split('***').length, 4);
	});
}

test('fields that a child logger has in all its lines are masked too', t => {
	const {log, first} = makeLog();
	log.child({requestId: 'r1', token: 'geheim'}).child({secret: 'geheim'}).info({}, 'told');
	t.like(first(), {requestId: 'r1', token: '***', secret: '***'});
});

test('on a terminal a line is short, and a stack stands below it', t => {
	const {log, lines} = makeLog({readable: true});
	log.warn({storage: 'default', path: '/a b', err: new Error('broken'), password: 'geheim'}, 'storage call failed');
	t.regex(
		lines[0] ?? '',
		/^\d\d:\d\d:\d\d warn {2}storage call failed storage=default path="\/a b" password="\*\*\*"\n {4}Error: broken\n/,
	);
});
