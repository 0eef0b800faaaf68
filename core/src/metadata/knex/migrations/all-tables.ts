import {accessTables} from './access-tables.ts';
import {administrationTables} from './administration-tables.ts';
import {auditTables} from './audit-tables.ts';
import {lockOutTables} from './lock-out-tables.ts';
import {maintenanceTables} from './maintenance-tables.ts';
import {checksumTables} from './checksum-tables.ts';
import {itemTables} from './item-tables.ts';
import {rulesTables} from './rules-tables.ts';
import type {TableDefinition} from './table-definition.ts';
import {tables} from './tables.ts';
import {v1Tables} from './v1-tables.ts';

/** In the order in which they are made: what is new comes last. */
export const allTables: readonly TableDefinition[] = [
	...tables,
	...accessTables,
	...administrationTables,
	...auditTables,
	...maintenanceTables,
	...itemTables,
	...rulesTables,
	...v1Tables,
	...lockOutTables,
	...checksumTables,
];
