import type {PermissionTarget} from '../access/permission-target.ts';

export interface PermissionTargetRecord extends PermissionTarget {
	readonly id: number;
	/** Grows by one with every change. */
	readonly version: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
}

/** Every change advances `AccessRevision`. Grants of a user or group end when that is deleted. */
export interface PermissionTargetRecords {
	find(name: string): Promise<PermissionTargetRecord | undefined>;
	/** All of them, in byte order of their names. */
	list(): Promise<readonly PermissionTargetRecord[]>;
	/** Throws `ConflictError` when the name is taken, or a user or group in it is not there. */
	insert(target: PermissionTarget): Promise<PermissionTargetRecord>;
	/** Throws `ConflictError` unless `target.version` is the stored one, or when a user or group in it is not there. */
	update(target: PermissionTargetRecord): Promise<PermissionTargetRecord>;
	/** False when there was none. */
	delete(id: number): Promise<boolean>;
}

/** A number that changes with everything that decides about the rights of several users: cheap to ask for often, on any node. */
export interface AccessRevision {
	current(): Promise<number>;
	advance(): Promise<void>;
}
