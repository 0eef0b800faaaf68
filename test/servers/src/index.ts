export {type Mariadb, type MariadbAddress, type MariadbDatabase, startMariadb} from './databases/mariadb.ts';
export {type ByteFault, type Direction, FaultProxy, type FaultProxyOptions} from './fault-proxy.ts';
export {answersHttp} from './processes/answers-http.ts';
export {freePort} from './processes/free-port.ts';
export {pinned} from './processes/pinned.ts';
export {ProcessFailure} from './processes/process-failure.ts';
export {pythonFile} from './processes/python-environment.ts';
export {ServerProcess, type ServerProcessOptions} from './processes/server-process.ts';
export {serveHttp} from './processes/serve-http.ts';
export {type DockerRegistry, startDockerRegistry} from './registries/docker-registry.ts';
export {
	type StandardConfiguration,
	standardHosts,
	startStandardConfiguration,
} from './registries/standard-configuration.ts';
export {type Stowage, type StowageOptions, startStowage} from './registries/stowage.ts';
export {
	type AzureAddress,
	type AzureContainer,
	azuriteAddress,
	createAzureContainer,
} from './stores/azure-container.ts';
export {type AzuriteOptions, azuriteAccount, startAzurite} from './stores/azurite.ts';
export {emptyStorage} from './stores/empty-storage.ts';
export {type FakeGcsOptions, startFakeGcs} from './stores/fake-gcs.ts';
export {findAzureAccount} from './stores/find-azure-account.ts';
export {findGcsBucket} from './stores/find-gcs-bucket.ts';
export {findS3Bucket} from './stores/find-s3-bucket.ts';
export {startGcpEmulator} from './stores/gcp-emulator.ts';
export {type GcsBucket, createGcsBucket} from './stores/gcs-bucket.ts';
export {type Transfer, type TransferRequest, measureTransfer} from './stores/measure-transfer.ts';
export {startMoto} from './stores/moto.ts';
export {nanioKey, startNanio} from './stores/nanio.ts';
export {type S3Bucket, createS3Bucket} from './stores/s3-bucket.ts';
export type {StoreServer} from './stores/store-server.ts';
