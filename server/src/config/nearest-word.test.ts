import test from 'ava';
import {didYouMean, nearestWord} from './nearest-word.ts';

const words = ['listen', 'tls', 'trustedProxies', 'storages', 'baseUrl'];

for (const [written, meant] of [
	['listn', 'listen'],
	['lisetn', 'listen'],
	['LISTEN', 'listen'],
	['trustedproxy', undefined],
	['trustedProxy', undefined],
	['trustedProxis', 'trustedProxies'],
	['storage', 'storages'],
	['baseURL', 'baseUrl'],
	['ssl', undefined],
	['tsl', 'tls'],
	['', undefined],
] as const) {
	test(`"${written}" is taken to mean ${meant ?? 'nothing'}`, t => {
		t.is(nearestWord(written, words), meant);
	});
}

test('a hint ends a sentence, and is nothing where no word is near', t => {
	t.is(didYouMean('listn', words), ', did you mean "listen"?');
	t.is(didYouMean('colour', words), '');
});
