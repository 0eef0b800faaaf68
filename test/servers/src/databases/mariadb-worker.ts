import type {SharedWorker} from 'ava/plugin';
import {type Mariadb, startMariadb} from './mariadb.ts';

/** What a test file gets for its question, which may be anything. */
export type MariadbAnswer =
	| {readonly address: {readonly host: string; readonly port: number; readonly user: string; readonly password: string}}
	| {readonly failure: string};

/** Starts the server once for all test files of a run. It ends with ava, since it ends with this process. */
export default function mariadbWorker(ava: SharedWorker.FactoryOptions): void {
	const protocol = ava.negotiateProtocol(['ava-4']);
	const answer = startMariadb().then(toAnswer, toFailure);
	const serve = async () => {
		for await (const message of protocol.subscribe()) {
			message.reply(await answer);
		}
	};
	void serve();
	protocol.ready();
}

function toAnswer({host, port, user, password}: Mariadb): MariadbAnswer {
	return {address: {host, port, user, password}};
}

function toFailure(error: unknown): MariadbAnswer {
	return {failure: error instanceof Error ? error.message : String(error)};
}
