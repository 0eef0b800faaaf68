import type {Abortable} from '../types/abortable.ts';
import type {AccessTokenRecords} from './access-token-records.ts';
import type {AuditRecords} from './audit-records.ts';
import type {BlobRecords, OpenedCollection} from './blob-records.ts';
import type {GroupRecords} from './group-records.ts';
import type {ItemRecords} from './item-records.ts';
import type {JobRecords} from './job-records.ts';
import type {LockOutRecords} from './lock-out-records.ts';
import type {MembershipRecords} from './membership-records.ts';
import type {AccessRevision, PermissionTargetRecords} from './permission-target-records.ts';
import type {PromotionRecords} from './promotion-records.ts';
import type {PropertyRecords} from './property-records.ts';
import type {RepositoryDefinitions} from './repository-definitions.ts';
import type {RepositoryRecords} from './repository-records.ts';
import type {SettingRecords} from './setting-records.ts';
import type {UploadRecords} from './upload-records.ts';
import type {UsageRecords} from './usage-records.ts';
import type {UserRecords} from './user-records.ts';

/**
 * Rows, and nothing else: no digest is computed and no manifest parsed behind this interface.
 * Queries give `undefined` for what is not there. Commands throw `ConflictError` when another writer was first.
 * What a command made is there after `kill -9` as soon as it has resolved.
 */
export interface MetadataStore {
	readonly blobs: BlobRecords;
	readonly uploads: UploadRecords;
	readonly definitions: RepositoryDefinitions;
	readonly users: UserRecords;
	readonly groups: GroupRecords;
	readonly memberships: MembershipRecords;
	readonly permissionTargets: PermissionTargetRecords;
	readonly accessRevision: AccessRevision;
	readonly accessTokens: AccessTokenRecords;
	readonly audit: AuditRecords;
	readonly lockOuts: LockOutRecords;
	readonly settings: SettingRecords;
	readonly jobs: JobRecords;
	readonly usage: UsageRecords;
	readonly promotions: PromotionRecords;
	readonly items: ItemRecords;
	readonly properties: PropertyRecords;
	/** Rows of one repository, by the `id` of its definition; the only part that a repository type is given. */
	repository(id: number): RepositoryRecords;
	/**
	 * Deadlocks and lock time-outs of the database run `work` again, a bounded number of times, so it does nothing but
	 * rows. Inside, use only the store it is given: SQLite has a single writer and any other would wait for ever.
	 */
	transaction<Result>(work: (store: MetadataStore) => Promise<Result>): Promise<Result>;
	/**
	 * To be called where the event loop hands over a request of a client, before anything is asked for it. Reads for
	 * requests that came together may then share a snapshot, which is older than none of them.
	 */
	arrived(): void;
	/** What a collection works with beside requests that this process serves, so that nobody is kept waiting by it. */
	openCollection(): OpenedCollection;
	/** One cheap round trip. */
	check(options?: Abortable): Promise<void>;
	close(): Promise<void>;
}
