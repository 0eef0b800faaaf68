import {ConflictError} from '../conflict-error.ts';
import type {RunOptions, Session} from './session.ts';

export interface VersionedUpdate extends RunOptions {
	readonly table: 'permission_targets' | 'repositories' | 'uploads' | 'user_groups' | 'users';
	readonly id: number | string;
	/** The version that the change was made from. */
	readonly version: number;
	readonly row: object;
}

/** Changes a row that is as it was when the caller read it, and gives it the next version; else throws `ConflictError`. */
export async function updateVersion(
	session: Session,
	{table, id, version, row, durable}: VersionedUpdate,
): Promise<void> {
	const changed = await session.run<number>(
		table,
		rows => rows.where({id, version}).update({...row, version: version + 1}),
		{durable},
	);
	if (changed === 0) {
		throw new ConflictError(`${table}: the row of ${id} is gone, or has another version than ${version}`);
	}
}
