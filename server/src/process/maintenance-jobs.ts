import {
	deleteOldAuditEntries,
	expireIdleUploads,
	type JobRegistrar,
	type Logger,
	type MetadataStore,
	type Storage,
	sweepUnknownObjects,
} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';

interface MaintenanceParts {
	readonly configuration: Pick<Configuration, 'uploads' | 'gracePeriodSeconds' | 'audit'>;
	readonly jobs: JobRegistrar;
	readonly metadata: MetadataStore;
	readonly storages: ReadonlyMap<string, Storage>;
	readonly logger: Logger;
}

const dayMs = 24 * 60 * 60_000;

/** What the server does now and then so that storages and tables hold nothing that nobody can ask for. */
export function registerMaintenanceJobs({configuration, jobs, metadata, storages, logger}: MaintenanceParts): void {
	const gracePeriodMs = configuration.gracePeriodSeconds * 1000;
	const idleMs = configuration.uploads.idleSeconds * 1000;
	jobs.every({minutes: 10}, 'expire-idle-uploads', async options => {
		const uploads = await expireIdleUploads({metadata, storages, logger, idleMs}, options);
		tell(logger, {uploads}, 'idle uploads cancelled');
	});
	jobs.every({minutes: 60}, 'delete-old-audit-entries', async options => {
		const before = new Date(Date.now() - configuration.audit.retentionDays * dayMs);
		tell(logger, {entries: await deleteOldAuditEntries({metadata, before}, options)}, 'old audit entries deleted');
	});
	for (const storage of storages.values()) {
		jobs.every({minutes: 24 * 60}, `sweep-unknown-objects ${storage.name}`, async options => {
			const {deleted} = await sweepUnknownObjects({metadata, storage, gracePeriodMs}, options);
			tell(logger, {storage: storage.name, deleted}, 'objects deleted that no row knows');
		});
	}
}

/** A turn that found nothing to do is not worth a line. */
function tell(logger: Logger, counts: Readonly<Record<string, number | string>>, message: string): void {
	if (Object.values(counts).some(count => typeof count === 'number' && count > 0)) {
		logger.info(counts, message);
	}
}
