export {type TestHost, type TestHostOptions, type TestRepository, createTestHost} from './create-test-host.ts';
export {
	type Content,
	type ImageFixture,
	type ImageFixtureOptions,
	artifactFixture,
	blobFixture,
	contentOf,
	imageFixture,
	indexFixture,
	mediaTypes,
} from './image-fixture.ts';
export {silentLogger} from './silent-logger.ts';
export {type StorageDriverSuiteOptions, storageDriverSuite} from './storage-driver-suite.ts';
