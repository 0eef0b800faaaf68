import {join} from 'node:path';
import test from 'ava';
import {makeFolder, small} from './fixtures/configuration-folder.ts';

test('what the type of a repository to be made finds wrong is told, and circles of them', async t => {
	const {problems} = await makeFolder(t);
	const yaml = `plugins: ['@stowage/filesystem', '@stowage/local', '@stowage/virtual']
bootstrap:
  repositories:
    docker: {type: virtual, options: {repositories: [local], defaultDeploymentRepo: other}}
    local: {type: local}
    first: {type: virtual, options: {repositories: [local, second]}}
    second: {type: virtual, options: {repositories: [first]}}
`;
	t.deepEqual(await problems(yaml), [
		'4:85 bootstrap.repositories.docker.options.defaultDeploymentRepo: must be one of "repositories", or what is pushed could not be pulled',
		'6:5 bootstrap.repositories.first: would be made of itself: first -> second -> first',
		'7:5 bootstrap.repositories.second: would be made of itself: second -> first -> second',
	]);
});

test('a registry begins with what the plugins offer', async t => {
	const {read} = await makeFolder(t);
	const {configuration: local} = await read("plugins: ['@stowage/filesystem', '@stowage/local']\n");
	t.deepEqual(Object.keys(local.bootstrap.repositories), ['docker-local']);
	const {configuration: both} = await read("plugins: ['@stowage/filesystem', '@stowage/local', '@stowage/virtual']\n");
	t.like(both.bootstrap.repositories['docker'], {
		type: 'virtual',
		options: {repositories: ['docker-local'], defaultDeploymentRepo: 'docker-local'},
	});
});

test('a proxy that sends files serves the blobs of the data folder unless told, and is one that is trusted', async t => {
	const {folder, read, problems} = await makeFolder(t);
	const {configuration} = await read(`${small}trustedProxies: [127.0.0.1]\naccelRedirect: {prefix: /files}\n`);
	t.deepEqual(configuration.accelRedirect, {
		prefix: '/files',
		folder: join(folder, 'data/storage'),
		header: 'X-Accel-Redirect',
	});
	const other = await read(
		`${small}trustedProxies: [127.0.0.1]\naccelRedirect: {prefix: /files, folder: blobs, header: X-Sendfile}\n`,
	);
	t.like(other.configuration.accelRedirect, {folder: join(folder, 'blobs'), header: 'X-Sendfile'});
	t.deepEqual(await problems(`${small}accelRedirect: {prefix: files/}\n`), [
		'4:1 accelRedirect: is for trusted proxies; name them in "trustedProxies"',
		'4:25 accelRedirect.prefix: has not the right form: Path of a location of the proxy that is internal and serves `folder`: `/stowage-files`.',
	]);
	t.deepEqual(await problems(`${small}accelRedirect: {prefix: /files}\n`), [
		'4:1 accelRedirect: is for trusted proxies; name them in "trustedProxies"',
	]);
});
