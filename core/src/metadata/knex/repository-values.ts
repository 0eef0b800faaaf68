import type {Json} from '../../types/json.ts';
import type {Session} from './session.ts';

const findSql = 'select value from repository_values where repository_id = ? and name = ?';

export async function getValue(session: Session, repository: number, name: string): Promise<Json | undefined> {
	const row = await session.selectFirst<{value: string}>(findSql, [repository, name]);
	return row && (JSON.parse(row.value) as Json);
}

export async function setValue(
	session: Session,
	repository: number,
	{name, value}: {readonly name: string; readonly value: Json},
): Promise<void> {
	const row = {repository_id: repository, name, value: JSON.stringify(value)};
	await session.run('repository_values', values =>
		values.insert(row).onConflict(['repository_id', 'name']).merge(['value']),
	);
}
