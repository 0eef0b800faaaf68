import {measureTransfer} from '@stowage/test-servers';
import {benchStores} from './bench-stores.ts';

/** MiB that may be resident. */
const most = 250;
const mebibytes = Number(process.env['MEBIBYTES'] ?? 2048);
const names = process.argv.slice(2).filter(name => name in benchStores);

/** Sends an object through each driver and back, in a process of its own, and prints the most memory that this one had. */
for (const name of names.length > 0 ? names : Object.keys(benchStores)) {
	const {close, ...storage} = await benchStores[name]!();
	try {
		const {peakMemory, up, down} = await measureTransfer({...storage, mebibytes});
		const resident = peakMemory / 1024 / 1024;
		console.log(
			`${resident <= most ? 'met   ' : 'MISSED'} ${name}: ${mebibytes} MiB up and down, at most ${resident.toFixed(0)} MiB resident, allowed ${most}; ${up.toFixed(0)} MiB/s up, ${down.toFixed(0)} down`,
		);
	} finally {
		await close();
	}
}
