export type {Abortable} from './types/abortable.ts';
export type {ByteRange} from './types/byte-range.ts';
export type {Json} from './types/json.ts';
export type {JsonSchema} from './types/json-schema.ts';
export type {Logger} from './types/logger.ts';
export type {Page, PageRequest} from './types/page.ts';

export type {Descriptor} from './oci/descriptor.ts';
export * from './oci/digest.ts';
export {type ImageName, findImageName, parseImageName} from './oci/image-name.ts';
export type {ManifestRecord, ManifestReference, StoredManifest} from './oci/manifest-record.ts';
export * from './oci/media-types.ts';
export {maxManifestReferences, parseManifest} from './oci/parse-manifest.ts';
export {type Reference, parseReference} from './oci/reference.ts';
export * from './oci/registry-error.ts';
export {type TagName, findTagName, parseTagName} from './oci/tag-name.ts';

export {isAddressRange} from './outbound/address-guard.ts';

export type * from './storage/driver.ts';
export {type MemoryBackend, createMemoryBackend, createMemoryDriver, memoryDriver} from './storage/memory-driver.ts';
export {type ResumingStreamOptions, BrokenTransferError, ResumingStream} from './storage/resuming-stream.ts';
export {type StorageObserver, type StorageOptions, Storage} from './storage/storage.ts';
export {type StorageOperation, StorageError} from './storage/storage-error.ts';
export {isStorageKey, isStorageKeyPrefix} from './storage/storage-key.ts';

export {type AccessEntry, findAccessEntries, limitRights} from './access/access-entry.ts';
export {type AccessRulesParts, type GroupRights, type Principal, AccessRules} from './access/access-rules.ts';
export {type Action, actions, isAction} from './access/action.ts';
export type {Caller} from './access/caller.ts';
export {everythingCaller} from './access/everything-caller.ts';
export {type PathPattern, findPathPattern} from './access/path-pattern.ts';
export * from './access/permission-target.ts';
export {type Rights, type RightsOptions, rightsOf} from './access/rights.ts';
export {type ScopedPart, type TokenScope, findTokenScope, limitToParts} from './access/token-scope.ts';
export {type EventListener, EventBus} from './events/event-bus.ts';
export type {RegistryEvent} from './events/registry-event.ts';

export {ConflictError} from './metadata/conflict-error.ts';
export type * from './metadata/access-token-records.ts';
export type * from './metadata/blob-records.ts';
export type * from './metadata/group-records.ts';
export type * from './metadata/job-records.ts';
export type * from './metadata/membership-records.ts';
export type * from './metadata/metadata-store.ts';
export type * from './metadata/permission-target-records.ts';
export type * from './metadata/repository-definitions.ts';
export type * from './metadata/repository-records.ts';
export type * from './metadata/setting-records.ts';
export type * from './metadata/upload-records.ts';
export type * from './metadata/user-records.ts';

export type * from './blobs/blob-store.ts';
export {type BlobTransfersOptions, BlobTransfers} from './blobs/copy-through/blob-transfers.ts';
export type {CopySource} from './blobs/copy-through/copy-source.ts';
export {type CollectUnheldBlobsParts, type CollectedBlobs, collectUnheldBlobs} from './blobs/collect-unheld-blobs.ts';
export {type ExpireIdleUploadsParts, expireIdleUploads} from './blobs/expire-idle-uploads.ts';
export {LiveHashes} from './blobs/live-hashes.ts';
export {type StorageBlobStoreParts, StorageBlobStore} from './blobs/storage-blob-store.ts';
export {type SweepUnknownObjectsParts, type SweptObjects, sweepUnknownObjects} from './blobs/sweep-unknown-objects.ts';
export type {Upload} from './blobs/upload.ts';
export type {JobRegistrar} from './jobs/job-registrar.ts';
export {JobRunner, type JobRunnerOptions} from './jobs/job-runner.ts';

export {checkDefinition} from './repositories/check-definition.ts';
export {DefinitionError} from './repositories/definition-error.ts';
export {type DefinitionParts, dependenciesOf} from './repositories/definition-options.ts';
export {findDependencyCircle} from './repositories/dependency-circle.ts';
export type * from './repositories/repositories.ts';
export {type RepositorySetParts, RepositorySet} from './repositories/repository-set.ts';
export type {RepositoryTraits} from './repositories/repository-traits.ts';
export type * from './repositories/repository-type.ts';
export type * from './repositories/repository-writer.ts';
export type * from './repositories/repository.ts';
export {withEvents} from './repositories/with-events.ts';

export type {AddedProtocol, AddedRoutes, ReservedNames} from './plugins/additions.ts';
export {closeObjects} from './plugins/close-objects.ts';
export {type CheckedPlugin, type PluginProblem, checkPlugin} from './plugins/check-plugin.ts';
export {definePlugin} from './plugins/define-plugin.ts';
export {optionTable, withOptionTable} from './plugins/option-table.ts';
export {maskSecrets, maskedSecret} from './plugins/mask-secrets.ts';
export * from './plugins/options-validator.ts';
export {PluginError} from './plugins/plugin-error.ts';
export {type CheckedPlugins, type NamedPlugin, type SetupParts, PluginSet} from './plugins/plugin-set.ts';
export * from './plugins/plugin.ts';
export type * from './plugins/routes.ts';
