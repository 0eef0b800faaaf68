import type {Abortable} from '../../types/abortable.ts';
import type {AccessTokenRecords} from '../access-token-records.ts';
import type {AuditRecords} from '../audit-records.ts';
import type {BlobRecords, OpenedCollection} from '../blob-records.ts';
import type {GroupRecords} from '../group-records.ts';
import type {ItemRecords} from '../item-records.ts';
import type {JobRecords} from '../job-records.ts';
import type {LockOutRecords} from '../lock-out-records.ts';
import type {MembershipRecords} from '../membership-records.ts';
import type {MetadataStore} from '../metadata-store.ts';
import type {AccessRevision, PermissionTargetRecords} from '../permission-target-records.ts';
import type {PromotionRecords} from '../promotion-records.ts';
import type {PropertyRecords} from '../property-records.ts';
import type {RepositoryDefinitions} from '../repository-definitions.ts';
import type {RepositoryRecords} from '../repository-records.ts';
import type {SettingRecords} from '../setting-records.ts';
import type {UploadRecords} from '../upload-records.ts';
import type {UsageRecords} from '../usage-records.ts';
import type {UserRecords} from '../user-records.ts';
import {KnexAccessRevision} from './access-revision.ts';
import {KnexAccessTokenRecords} from './access-token-records.ts';
import {KnexAuditRecords} from './audit-records.ts';
import {KnexBlobRecords} from './blob-records.ts';
import {KnexGroupRecords} from './group-records.ts';
import {KnexItemRecords} from './items/item-records.ts';
import {KnexPropertyRecords} from './items/property-records.ts';
import {KnexJobRecords} from './job-records.ts';
import {KnexLockOutRecords} from './lock-out-records.ts';
import {KnexMembershipRecords} from './membership-records.ts';
import {KnexPermissionTargetRecords} from './permission-target-records.ts';
import {KnexPromotionRecords} from './promotion/promote.ts';
import {KnexRepositoryDefinitions} from './repository-definitions.ts';
import {KnexRepositoryRecords} from './repository-records.ts';
import type {Session} from './session.ts';
import {KnexSettingRecords} from './setting-records.ts';
import {KnexUploadRecords} from './upload-records.ts';
import {KnexUsageRecords} from './usage-records.ts';
import {KnexUserRecords} from './user-records.ts';

/** The metadata port on SQLite and MySQL. */
export class KnexMetadataStore implements MetadataStore {
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
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
		this.blobs = new KnexBlobRecords(session);
		this.uploads = new KnexUploadRecords(session);
		this.definitions = new KnexRepositoryDefinitions(session);
		this.users = new KnexUserRecords(session);
		this.groups = new KnexGroupRecords(session);
		this.memberships = new KnexMembershipRecords(session);
		this.permissionTargets = new KnexPermissionTargetRecords(session);
		this.accessRevision = new KnexAccessRevision(session);
		this.accessTokens = new KnexAccessTokenRecords(session);
		this.audit = new KnexAuditRecords(session);
		this.lockOuts = new KnexLockOutRecords(session);
		this.settings = new KnexSettingRecords(session);
		this.jobs = new KnexJobRecords(session);
		this.usage = new KnexUsageRecords(session);
		this.promotions = new KnexPromotionRecords(session);
		this.items = new KnexItemRecords(session);
		this.properties = new KnexPropertyRecords(session);
	}

	repository(id: number): RepositoryRecords {
		return new KnexRepositoryRecords(this.#session, id);
	}

	transaction<Result>(work: (store: MetadataStore) => Promise<Result>): Promise<Result> {
		return this.#session.transaction(session => work(new KnexMetadataStore(session)));
	}

	arrived(): void {
		this.#session.database.arrived?.();
	}

	openCollection(): OpenedCollection {
		return this.#session.database.openCollection?.(this.blobs) ?? {records: this.blobs, close: nothingToClose};
	}

	async check({signal}: Abortable = {}): Promise<void> {
		signal?.throwIfAborted();
		await this.#session.select('select 1', []);
		signal?.throwIfAborted();
	}

	async close(): Promise<void> {
		await this.#session.database.close();
	}
}

async function nothingToClose(): Promise<void> {}
