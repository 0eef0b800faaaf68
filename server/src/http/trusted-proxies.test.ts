import type {IncomingMessage} from 'node:http';
import test from 'ava';
import {TrustedProxies} from './trusted-proxies.ts';

const clients = [
	{from: '192.0.2.1', said: '198.51.100.7', client: '192.0.2.1'},
	{from: '10.0.0.1', said: undefined, client: '10.0.0.1'},
	{from: '10.0.0.1', said: '198.51.100.7', client: '198.51.100.7'},
	{from: '::ffff:10.0.0.1', said: '198.51.100.7:4711', client: '198.51.100.7'},
	{from: '10.0.0.1', said: '203.0.113.9, 198.51.100.7, 10.0.0.2', client: '198.51.100.7'},
	{from: '10.0.0.1', said: '203.0.113.9, nonsense', client: '10.0.0.1'},
	{from: '10.0.0.1', said: '10.0.0.3', client: '10.0.0.3'},
	{from: '2001:db8::1', said: '198.51.100.7', client: '198.51.100.7'},
];

for (const {from, said, client} of clients) {
	test(`the client is ${client} when ${from} says ${said ?? 'nothing'}`, t => {
		const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8::1']);
		const request = {socket: {remoteAddress: from}, headers: {'x-forwarded-for': said}};
		t.is(proxies.clientAddress(request as unknown as IncomingMessage), client);
	});
}

test('nobody is trusted unless told', t => {
	t.false(new TrustedProxies([]).trusts('127.0.0.1'));
	t.throws(() => new TrustedProxies(['somewhere']));
});
