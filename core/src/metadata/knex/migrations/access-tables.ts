import {belongsTo, boolean, id, integer, longText, name, nullable} from './column-types.ts';
import type {ColumnDefinition, TableDefinition} from './table-definition.ts';

const sha256: ColumnDefinition = {type: {text: 64}};
const users = (column: string) => belongsTo('users', column);

/** Of users besides their names, and of who may do what. */
export const accessTables: readonly TableDefinition[] = [
	{
		// What came later than the users themselves: a user without such a row has none of it.
		name: 'user_profiles',
		columns: {
			user_id: integer,
			email: nullable(name),
			realm: nullable(name),
			external_id: nullable(longText),
			profile_locked: boolean,
			internal_password_disabled: boolean,
			ui_disabled: boolean,
			credential_version: integer,
			last_logged_in: nullable(integer),
		},
		primaryKey: ['user_id'],
		foreignKeys: {user_profiles_user: users('user_id')},
	},
	{
		name: 'user_groups',
		columns: {
			id,
			name,
			description: longText,
			auto_join: boolean,
			admin_privileges: boolean,
			realm: nullable(name),
			realm_attributes: nullable(longText),
			external_id: nullable(longText),
			version: integer,
			created_at: integer,
			updated_at: integer,
		},
		unique: {user_groups_name: ['name']},
	},
	{
		name: 'memberships',
		columns: {user_id: integer, group_id: integer},
		primaryKey: ['user_id', 'group_id'],
		indexes: {memberships_group: ['group_id']},
		foreignKeys: {memberships_user: users('user_id'), memberships_group_id: belongsTo('user_groups', 'group_id')},
	},
	{
		name: 'permission_targets',
		columns: {id, name, sections: longText, version: integer, created_at: integer, updated_at: integer},
		unique: {permission_targets_name: ['name']},
	},
	{
		name: 'permission_users',
		columns: {target_id: integer, section: {type: {text: 16}}, user_id: integer, actions: name},
		primaryKey: ['target_id', 'section', 'user_id'],
		indexes: {permission_users_user: ['user_id']},
		foreignKeys: {
			permission_users_target: belongsTo('permission_targets', 'target_id'),
			permission_users_user_id: users('user_id'),
		},
	},
	{
		name: 'permission_groups',
		columns: {target_id: integer, section: {type: {text: 16}}, group_id: integer, actions: name},
		primaryKey: ['target_id', 'section', 'group_id'],
		indexes: {permission_groups_group: ['group_id']},
		foreignKeys: {
			permission_groups_target: belongsTo('permission_targets', 'target_id'),
			permission_groups_group_id: belongsTo('user_groups', 'group_id'),
		},
	},
	{
		name: 'access_tokens',
		columns: {
			id: {type: {text: 36}},
			kind: {type: {text: 16}},
			subject: name,
			user_id: nullable(integer),
			// The user of an API key, so that he has one at most.
			api_key_of: nullable(integer),
			scope: longText,
			description: longText,
			issued_by: name,
			issued_at: integer,
			expires_at: nullable(integer),
			secret_hash: nullable(sha256),
			refresh_hash: nullable(sha256),
			ends_at: nullable(integer),
		},
		primaryKey: ['id'],
		unique: {
			access_tokens_api_key: ['api_key_of'],
			access_tokens_secret: ['secret_hash'],
			access_tokens_refresh: ['refresh_hash'],
		},
		indexes: {
			access_tokens_user: ['user_id'],
			access_tokens_subject: ['subject', 'issued_at'],
			access_tokens_ends: ['ends_at'],
		},
		foreignKeys: {access_tokens_user_id: users('user_id')},
	},
];
