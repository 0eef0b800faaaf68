export {type AuthenticatorSuiteOptions, authenticatorSuite} from './authenticator-suite.ts';
export type {AuthenticatorUnderTest, KnownPerson} from './authenticator-suite/suite-case.ts';
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
export {type RepositorySuiteOptions, repositorySuite} from './repository-suite.ts';
export type {RepositoryUnderTest} from './repository-suite/suite-case.ts';
export {silentLogger} from './silent-logger.ts';
export {type StorageDriverSuiteOptions, storageDriverSuite} from './storage-driver-suite.ts';
