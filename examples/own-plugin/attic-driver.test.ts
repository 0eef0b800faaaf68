import {OptionsValidator} from '@stowage/core';
import {silentLogger, storageDriverSuite} from '@stowage/testing';
import test from 'ava';
import {makeAtticDriver} from './attic-driver.ts';

const attic = makeAtticDriver();
const context = {name: 'main', logger: silentLogger, signal: AbortSignal.timeout(600_000)};

storageDriverSuite({
	test: test.serial,
	open: () => attic.create({shelf: 'left'}, context),
	// What the backend honestly differs in: this one keeps everything in the memory of the process.
	memoryGrowth: 512 * 1024 * 1024,
});

test('a shelf has a name', t => {
	const {problems = []} = new OptionsValidator().check(attic.options, {shelf: 'Upper left'});
	t.deepEqual(
		problems.map(({path}) => path),
		['/shelf'],
	);
});
