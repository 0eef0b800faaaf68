import type {AccessTokenKind, AccessTokenRecord, AccessTokenRecords} from '../access-token-records.ts';
import type {Session} from './session.ts';

const findSql = 'select * from access_tokens where id = ?';
const findBySecretSql = 'select * from access_tokens where secret_hash = ?';
const findByRefreshSql = 'select * from access_tokens where refresh_hash = ?';
const findApiKeySql = 'select * from access_tokens where api_key_of = ?';
const listSql = `select * from access_tokens where kind = 'access' order by issued_at, id`;
const listOfSql = `select * from access_tokens where kind = 'access' and subject = ? order by issued_at, id`;

interface TokenRow {
	readonly id: string;
	readonly kind: AccessTokenKind;
	readonly subject: string;
	readonly user_id: number | null;
	readonly scope: string;
	readonly description: string;
	readonly issued_by: string;
	readonly issued_at: number;
	readonly expires_at: number | null;
	readonly secret_hash: string | null;
	readonly refresh_hash: string | null;
	readonly ends_at: number | null;
}

export class KnexAccessTokenRecords implements AccessTokenRecords {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	find(id: string): Promise<AccessTokenRecord | undefined> {
		return this.#findOne(findSql, id);
	}

	findBySecret(secretHash: string): Promise<AccessTokenRecord | undefined> {
		return this.#findOne(findBySecretSql, secretHash);
	}

	findByRefresh(refreshHash: string): Promise<AccessTokenRecord | undefined> {
		return this.#findOne(findByRefreshSql, refreshHash);
	}

	findApiKey(userId: number): Promise<AccessTokenRecord | undefined> {
		return this.#findOne(findApiKeySql, userId);
	}

	async list(subject?: string): Promise<readonly AccessTokenRecord[]> {
		const rows = await (subject === undefined
			? this.#session.select<TokenRow>(listSql, [])
			: this.#session.select<TokenRow>(listOfSql, [subject]));
		return rows.map(toToken);
	}

	async insert(token: AccessTokenRecord): Promise<void> {
		await this.#session.run('access_tokens', rows => rows.insert(toRow(token)));
	}

	async delete(id: string): Promise<boolean> {
		return (await this.#session.run<number>('access_tokens', rows => rows.where({id}).delete())) > 0;
	}

	async deleteEnded(at: Date): Promise<void> {
		await this.#session.run('access_tokens', rows => rows.where('ends_at', '<', at.getTime()).delete());
	}

	async #findOne(sql: string, value: string | number): Promise<AccessTokenRecord | undefined> {
		const row = await this.#session.selectFirst<TokenRow>(sql, [value]);
		return row && toToken(row);
	}
}

function toRow(token: AccessTokenRecord): object {
	return {
		id: token.id,
		kind: token.kind,
		subject: token.subject,
		user_id: token.userId ?? null,
		api_key_of: token.kind === 'api-key' ? (token.userId ?? null) : null,
		scope: token.scope,
		description: token.description,
		issued_by: token.issuedBy,
		issued_at: token.issuedAt.getTime(),
		expires_at: token.expiresAt?.getTime() ?? null,
		secret_hash: token.secretHash ?? null,
		refresh_hash: token.refreshHash ?? null,
		ends_at: token.endsAt?.getTime() ?? null,
	};
}

function toToken(row: TokenRow): AccessTokenRecord {
	return {
		id: row.id,
		kind: row.kind,
		subject: row.subject,
		...(row.user_id !== null && {userId: row.user_id}),
		scope: row.scope,
		description: row.description,
		issuedBy: row.issued_by,
		issuedAt: new Date(row.issued_at),
		...(row.expires_at !== null && {expiresAt: new Date(row.expires_at)}),
		...(row.secret_hash !== null && {secretHash: row.secret_hash}),
		...(row.refresh_hash !== null && {refreshHash: row.refresh_hash}),
		...(row.ends_at !== null && {endsAt: new Date(row.ends_at)}),
	};
}
