export {type Mariadb, type MariadbAddress, type MariadbDatabase, startMariadb} from './databases/mariadb.ts';
export {type ByteFault, type Direction, FaultProxy, type FaultProxyOptions} from './fault-proxy.ts';
export {answersHttp} from './processes/answers-http.ts';
export {freePort} from './processes/free-port.ts';
export {pinned} from './processes/pinned.ts';
export {ProcessFailure} from './processes/process-failure.ts';
export {ServerProcess, type ServerProcessOptions} from './processes/server-process.ts';
export {type DockerRegistry, startDockerRegistry} from './registries/docker-registry.ts';
export {type Stowage, type StowageOptions, startStowage} from './registries/stowage.ts';
