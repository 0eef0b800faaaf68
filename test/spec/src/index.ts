export {Answer, type AnswerError} from './answer.ts';
export {ImageClient} from './image-client.ts';
export {type ClientOptions, RegistryClient, type RequestOptions} from './registry-client.ts';
export {type RegistrySettings, type RunningRegistry, startRegistry} from './start-registry.ts';
export {V1Client, type V1ImageFixture, v1Image, v1Images} from './v1-client.ts';
