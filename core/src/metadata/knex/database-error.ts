import {ConflictError} from '../conflict-error.ts';

const sqlite = {
	/** SQLITE_BUSY, SQLITE_LOCKED: low byte of the result code. */
	busy: new Set<number>([5, 6]),
	foreignKey: 787,
	/** SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY, _ROWID. */
	unique: new Set<number>([2067, 1555, 2579]),
} as const;

const mysql = {
	/** ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK. */
	busy: new Set<number>([1205, 1213]),
	/** ER_DUP_ENTRY, ER_DUP_ENTRY_WITH_KEY_NAME. */
	unique: new Set<number>([1062, 1586]),
	/** ER_NO_REFERENCED_ROW, ER_ROW_IS_REFERENCED and their newer forms. */
	foreignKey: new Set<number>([1216, 1217, 1451, 1452]),
} as const;

const lostConnection = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ER_CLIENT_INTERACTION_TIMEOUT']);

interface DriverError extends Error {
	/** Of node:sqlite: the extended result code. */
	readonly errcode?: number;
	/** Of mysql2. */
	readonly errno?: number;
	readonly code?: string;
	readonly fatal?: boolean;
}

/** Whether other transactions stood in the way: the same work may succeed when it is done again. */
export function isTransient(error: unknown): boolean {
	return error instanceof Error && (isBusy(error) || (!(error instanceof ConflictError) && isTransient(error.cause)));
}

/** Whether the connection ended: nobody knows what became of the statement. */
export function isConnectionLost(error: unknown): boolean {
	if (!(error instanceof Error)) {
		return false;
	}
	const {code, fatal} = error as DriverError;
	// Without a code: mysql2 was asked for more on a connection that it knows to be closed.
	return code === undefined ? fatal === true : lostConnection.has(code);
}

/** The errors of the drivers in our words; what has no meaning to a caller stays as it is. */
export function toMetadataError(error: unknown): unknown {
	if (!(error instanceof Error) || error instanceof ConflictError) {
		return error;
	}
	const {errcode, errno} = error as DriverError;
	if (sqlite.unique.has(errcode ?? 0) || mysql.unique.has(errno ?? 0)) {
		return new ConflictError('the row exists already', {cause: error});
	}
	if (errcode === sqlite.foreignKey || mysql.foreignKey.has(errno ?? 0)) {
		return new ConflictError('a row that this one belongs to was deleted, or one that belongs to it was added', {
			cause: error,
		});
	}
	return error;
}

function isBusy(error: Error): boolean {
	const {errcode, errno} = error as DriverError;
	return (errcode !== undefined && sqlite.busy.has(errcode & 0xff)) || (errno !== undefined && mysql.busy.has(errno));
}
