/** A database in one file; every process of one machine may have it open. */
export interface SqliteOptions {
	readonly client: 'sqlite';
	/** Path of the file, made when it is not there; its folder must exist. `:memory:` lasts until the store is closed. */
	readonly file: string;
}

/** PEM texts, not paths. */
export interface DatabaseTlsOptions {
	readonly ca?: string;
	readonly cert?: string;
	readonly key?: string;
	/** True unless told. */
	readonly rejectUnauthorized?: boolean;
}

/** MySQL 8 or newer, or MariaDB 10.6 or newer. The database itself must exist; its tables are made. */
export interface MysqlOptions {
	readonly client: 'mysql';
	readonly host: string;
	/** 3306 unless told. */
	readonly port?: number;
	readonly user: string;
	readonly password?: string;
	readonly database: string;
	/** Connections that this process opens at most; 10 unless told. */
	readonly poolSize?: number;
	readonly tls?: DatabaseTlsOptions;
}

export type DatabaseOptions = SqliteOptions | MysqlOptions;
