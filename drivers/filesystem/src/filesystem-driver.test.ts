import {mkdtempSync} from 'node:fs';
import {readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {storageDriverSuite} from '@stowage/testing';
import test from 'ava';
import {filesystemDriver} from './filesystem-driver-type.ts';

for (const durable of [false, true]) {
	const root = mkdtempSync(join(tmpdir(), 'stowage-filesystem-'));

	storageDriverSuite({
		test: test.serial,
		title: durable ? 'durable' : 'not durable',
		open: () => filesystemDriver.create({root, durable, fileMode: '0640', folderMode: '0750'}, context()),
		localPaths: true,
		...(durable ? {listedObjects: 200} : {}),
	});

	test.serial(`the suite leaves no file behind (${durable ? 'durable' : 'not durable'})`, async t => {
		const files = (await readdir(root, {recursive: true, withFileTypes: true})).filter(entry => !entry.isDirectory());
		t.deepEqual(files, []);
		t.deepEqual(await readdir(root), ['suite']);
		t.deepEqual(await readdir(join(root, 'suite')), []);
	});

	test.after.always(() => rm(root, {recursive: true, force: true}));
}

function context() {
	const silent = {debug() {}, info() {}, warn() {}, error() {}, child: () => silent};
	return {name: 'files', logger: silent};
}
