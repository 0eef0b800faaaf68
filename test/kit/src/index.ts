export {type StorageDriverSuiteOptions, storageDriverSuite} from './storage-driver-suite.ts';
