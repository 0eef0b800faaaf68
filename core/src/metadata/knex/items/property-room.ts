import {RegistryError} from '../../../oci/registry-error.ts';
import type {Properties} from '../../property-records.ts';
import type {Session} from '../session.ts';

/** Values of all properties of an item. */
const mostValues = 1000;

/** Of names and values of all properties of an item, the name once with each of its values. Bytes. */
const mostBytes = 256 * 1024;

interface Used {
	readonly count: number;
	/** A text where the database says decimal. */
	readonly bytes: number | string;
}

/** Throws 400 when one of the items has no room for the values besides those that it has. */
export async function checkPropertyRoom(session: Session, ids: readonly number[], set: Properties): Promise<void> {
	const used = await session.run<readonly Used[]>('item_properties', rows =>
		rows
			.count({count: '*'})
			.select(session.database.knex.raw('sum(octet_length(name) + octet_length(value)) as bytes'))
			.whereIn('item_id', ids)
			.groupBy('item_id'),
	);
	const added = [...set].flatMap(([name, values]) =>
		values.map(value => Buffer.byteLength(name) + Buffer.byteLength(value)),
	);
	const addedBytes = added.reduce((sum, bytes) => sum + bytes, 0);
	for (const {count, bytes} of [{count: 0, bytes: 0}, ...used]) {
		if (count + added.length > mostValues) {
			throw refuse(`${mostValues} values`);
		}
		if (Number(bytes) + addedBytes > mostBytes) {
			throw refuse(`${mostBytes / 1024} KiB of names and values`);
		}
	}
}

function refuse(limit: string): RegistryError {
	return new RegistryError('UNSUPPORTED', `the properties of an item have ${limit} at most`, {status: 400});
}
