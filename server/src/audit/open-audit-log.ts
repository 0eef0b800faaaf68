import {AuditLog, type Logger, type MetadataStore} from '@stowage/core';
import type {Configuration} from '../config/configuration.ts';
import {AuditLines} from './audit-lines.ts';

export interface OpenAuditLogParts {
	readonly configuration: Pick<Configuration, 'audit'>;
	readonly metadata: MetadataStore;
	readonly logger: Logger;
}

export interface OpenedAuditLog {
	readonly log: AuditLog;
	/** Stores what is only in memory. To be called before the database is closed. */
	close(): Promise<void>;
}

/** The audit log as it is configured: rows, and lines where they are asked for. */
export function openAuditLog({configuration: {audit}, metadata, logger}: OpenAuditLogParts): OpenedAuditLog {
	const lines = new AuditLines({...audit, logger});
	const log = new AuditLog({metadata, logger, tell: entry => lines.tell(entry)});
	return {
		log,
		close: async () => {
			await log.flush();
			await lines.close();
		},
	};
}
