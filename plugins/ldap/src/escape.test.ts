import {FilterParser} from 'ldapts';
import test from 'ava';
import {assert, property, string} from 'fast-check';
import {escapeDn, escapeFilter, fillTemplate} from './escape.ts';

test('whatever a name holds, the filter asks for that name and for nothing else', t => {
	const check = property(string({unit: 'binary', minLength: 1}), name => {
		const filter = FilterParser.parseString(
			fillTemplate('(&(objectClass=person)(uid={name}))', {name: escapeFilter(name)}),
		);
		const [, asked] = (filter as unknown as {filters: readonly {attribute: string; value: string; type: number}[]})
			.filters;
		// 0xA3: equalityMatch (RFC 4511, section 4.5.1).
		t.deepEqual([asked?.type, asked?.attribute, String(asked?.value)], [0xa3, 'uid', name]);
	});
	assert(check);
});

test('characters of DNs are escaped as RFC 4514 says', t => {
	t.is(escapeDn('a,b+c"d\\e<f>g;h=i'), 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\=i');
	t.is(escapeDn('#x '), '\\#x\\ ');
	t.is(escapeDn(' '), '\\ ');
	t.is(escapeDn('a\0'), 'a\\00');
});

test('a value is not looked through for other words', t => {
	t.is(
		fillTemplate('(|(a={dn})(b={name})(c={other}))', {dn: '{name}', name: '{dn}'}),
		'(|(a={name})(b={dn})(c={other}))',
	);
});
