import test from 'ava';
import {AddressGuard, isAddressRange} from './address-guard.ts';
import {OutboundError} from './outbound-error.ts';

const open = ['8.8.8.8', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'];

/** In someone's own network: an operator may allow them all. */
const privately = [
	'127.0.0.1',
	'127.8.9.10',
	'::1',
	'10.0.0.1',
	'172.16.0.1',
	'172.31.255.255',
	'192.168.1.1',
	'100.64.0.1',
	'fc00::1',
	'fd12:3456::1',
	'::ffff:127.0.0.1',
	'::ffff:7f00:1',
	'::ffff:10.1.2.3',
	'64:ff9b::7f00:1',
	'64:ff9b::a00:1',
];

/** Allowed only by name. */
const never = [
	'169.254.169.254',
	'169.254.0.1',
	'::ffff:169.254.169.254',
	'64:ff9b::a9fe:a9fe',
	'fe80::1',
	'168.63.129.16',
	'100.100.100.200',
	'192.0.0.192',
	'fd00:ec2::254',
	'fd20:ce::254',
	'0.0.0.0',
	'0.1.2.3',
	'::',
	'::7f00:2',
	'::a00:1',
	'255.255.255.255',
	'224.0.0.1',
	'240.0.0.1',
	'198.18.0.1',
	'192.0.2.1',
	'ff02::1',
	'fec0::1',
	'2002:7f00:1::',
	'2001::1',
	'2001:db8::1',
	'64:ff9b:1::1',
	'100::1',
];

const noAddresses = ['', 'localhost', '1.2.3', '999.1.1.1', '127.0.0.1:80', 'fe80::1%eth0%1', '[::1]'];

for (const address of open) {
	test(`${address} is public`, t => {
		t.true(new AddressGuard().allows(address));
	});
}

for (const address of privately) {
	test(`${address} is private: refused unless private addresses are allowed`, t => {
		t.false(new AddressGuard().allows(address));
		t.true(new AddressGuard({allowPrivateAddresses: true}).allows(address));
	});
}

for (const address of never) {
	test(`${address} is refused even where private addresses are allowed, unless it is named`, t => {
		t.false(new AddressGuard().allows(address));
		t.false(new AddressGuard({allowPrivateAddresses: true}).allows(address));
	});
}

for (const text of noAddresses) {
	test(`${JSON.stringify(text)} is no address and nobody goes there`, t => {
		t.false(new AddressGuard({allowPrivateAddresses: true, allowedAddresses: ['0.0.0.0/0', '::/0']}).allows(text));
	});
}

test('named addresses and ranges are allowed, and no others', t => {
	const guard = new AddressGuard({allowedAddresses: ['10.1.0.0/16', '169.254.169.254', 'fd00::/8', '192.168.7.7/32']});
	for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '169.254.169.254', 'fd99::1', '192.168.7.7']) {
		t.true(guard.allows(address), address);
	}
	for (const address of ['10.2.0.1', '169.254.169.253', '192.168.7.8', '127.0.0.1', 'fe80::1']) {
		t.false(guard.allows(address), address);
	}
});

test('a check names the host and not its address', t => {
	const error = t.throws(() => new AddressGuard().check('10.0.0.1', 'registry.example'), {instanceOf: OutboundError});
	t.is(error?.code, 'address-refused');
	t.regex(error?.message ?? '', /registry\.example/);
	t.notRegex(error?.message ?? '', /10\.0\.0\.1/);
});

test('what is no range is refused when it is configured', t => {
	for (const text of ['10.0.0.0/33', 'example.com', '', '10.0.0.0/-1']) {
		t.false(isAddressRange(text), text);
		t.throws(() => new AddressGuard({allowedAddresses: [text]}), {instanceOf: TypeError});
	}
	t.true(isAddressRange('10.0.0.0/8'));
	t.true(isAddressRange('::1'));
});
