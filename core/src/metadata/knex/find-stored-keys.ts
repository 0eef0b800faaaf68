import {chunks} from './chunks.ts';
import type {Session} from './session.ts';

export interface FindStoredKeysRequest {
	readonly table: 'blobs' | 'uploads';
	readonly storage: string;
	readonly keys: readonly string[];
}

/** Which of `keys` a row of the table names. */
export async function findStoredKeys(session: Session, request: FindStoredKeysRequest): Promise<ReadonlySet<string>> {
	const found = new Set<string>();
	for (const keys of chunks(request.keys)) {
		const names = await session.run<readonly string[]>(request.table, rows =>
			rows.where('storage', request.storage).whereIn('storage_key', keys).pluck('storage_key'),
		);
		for (const name of names) {
			found.add(name);
		}
	}
	return found;
}
