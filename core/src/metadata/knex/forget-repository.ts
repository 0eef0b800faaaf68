import type {PermissionSection, PermissionSectionName} from '../../access/permission-target.ts';
import {KnexAccessRevision} from './access-revision.ts';
import type {Session} from './session.ts';

const keySql = 'select repository_key from repositories where id = ?';
const targetsSql = 'select id, sections, version from permission_targets';

type Sections = Partial<Record<PermissionSectionName, Pick<PermissionSection, 'repositories'>>>;

/** Takes a repository out of all permission targets: another one that is given its key later inherits no rights. */
export async function forgetRepository(session: Session, repositoryId: number): Promise<void> {
	const row = await session.selectFirst<{repository_key: string}>(keySql, [repositoryId]);
	if (row === undefined) {
		return;
	}
	const targets = await session.select<{id: number; sections: string; version: number}>(targetsSql, []);
	const changed = targets.flatMap(({id, sections, version}) => {
		const without = withoutKey(JSON.parse(sections) as Sections, row.repository_key);
		return without === undefined ? [] : [{id, sections: JSON.stringify(without), version: version + 1}];
	});
	for (const {id, ...row} of changed) {
		await session.run('permission_targets', rows => rows.where({id}).update(row));
	}
	if (changed.length > 0) {
		await new KnexAccessRevision(session).advance();
	}
}

/** Undefined when it is not named. Builds are not in repositories of ours. */
function withoutKey({repo, ...others}: Sections, key: string): Sections | undefined {
	return repo?.repositories.includes(key) === true
		? {...others, repo: {...repo, repositories: repo.repositories.filter(name => name !== key)}}
		: undefined;
}
