export {type DockerUpstream, type DockerUpstreamOptions, startDockerUpstream, upstreamUser} from './docker-upstream.ts';
export {type PushedImage, type PushTarget, pushImage, pushManifest} from './push-image.ts';
export {type ScriptedContent, type SeenRequest, ScriptedRegistry} from './scripted-registry.ts';
export {type TokenRequest, type TokenService, type TokenServiceOptions, startTokenService} from './token-service.ts';
