export {Answer, type AnswerError} from './answer.ts';
export {ImageClient} from './image-client.ts';
export {type ClientOptions, RegistryClient, type RequestOptions} from './registry-client.ts';
export {type RegistrySettings, type RunningRegistry, startRegistry} from './start-registry.ts';
