import type {RetentionRule} from '@stowage/core';

/** What the configuration file says, checked, completed with defaults and frozen. Times are in seconds, sizes in bytes. */
export interface Configuration {
	/** Absolute path of the folder for everything that is kept on this machine. */
	readonly data: string;
	/** `host:port` of the first listener. Ports named by `bindings` are listened on as well, on the same host. */
	readonly listen: string;
	readonly tls?: {readonly certificate: string; readonly key: string};
	/** What clients type, where it cannot be told from the request: `https://registry.example`. */
	readonly baseUrl?: string;
	/** CIDR ranges of the proxies whose `X-Forwarded-*` and `X-JFrog-Override-Base-Url` are believed. */
	readonly trustedProxies: readonly string[];
	readonly accelRedirect?: AccelRedirectConfiguration;
	readonly database: DatabaseConfiguration;
	/** Package names or paths of plugins, each with options of its own. */
	readonly plugins: readonly {readonly name: string; readonly options: object}[];
	/** By name. `default` is what a repository uses that names none. */
	readonly storages: Readonly<Record<string, StorageConfiguration>>;
	/** In the order in which they are asked. */
	readonly authenticators: readonly AuthenticatorConfiguration[];
	readonly bindings: readonly Binding[];
	/** Domains below which `<key>.<domain>` means the repository of that key. */
	readonly subdomainsOf: readonly string[];
	/** Whether who does not sign in may read everything. */
	readonly anonymousRead: boolean;
	/** Repositories made at start if their keys do not exist, and only while the admin password is the initial one. */
	readonly bootstrap: {readonly repositories: Readonly<Record<string, BootstrapRepository>>};
	readonly tokens: {readonly lifetimeSeconds: number};
	readonly uploads: {
		readonly idleSeconds: number;
		readonly openPerUser: number;
	};
	/** How long an answer that a blob exists is a promise. Collection leaves anything younger alone. */
	readonly gracePeriodSeconds: number;
	/** Rules for all repositories, besides their own and those that are set over REST. */
	readonly retention: {
		readonly intervalMinutes: number;
		readonly removalsPerSecond?: number;
		readonly rules: readonly RetentionRule[];
	};
	/** Of blobs that no image needs. Without `blobsPerSecond` as fast as it goes. */
	readonly collection: {readonly intervalMinutes: number; readonly blobsPerSecond?: number};
	readonly log: {readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly requests: boolean};
	/** `file` is an absolute path. */
	readonly audit: {readonly retentionDays: number; readonly log: boolean; readonly file?: string};
	/** How long running transfers may take to end when the server stops. */
	readonly stopWithinSeconds: number;
	readonly idleTimeoutSeconds: number;
	/** Whether `/metrics` answers anybody; otherwise an administrator only. */
	readonly publicMetrics: boolean;
}

export interface StorageConfiguration {
	readonly driver: string;
	/** Whether clients fetch blobs from the store itself. No unless told. */
	readonly redirect?: boolean;
	readonly options: object;
}

/** Who knows users besides this server. */
export interface AuthenticatorConfiguration {
	readonly name: string;
	readonly type: string;
	/** Whether who signs in for the first time becomes a user. */
	readonly createUsers: boolean;
	/** Groups here by the names that the authenticator has for them. */
	readonly groups: Readonly<Record<string, string>>;
	/** Whether its other groups become groups here. */
	readonly createGroups: boolean;
	/** For how long tokens and keys of users who were found before are good while it cannot be asked. */
	readonly outageSeconds: number;
	readonly options: object;
}

/** How a trusted proxy that reads the same disk is told to send a file itself. */
export interface AccelRedirectConfiguration {
	readonly header: string;
	/** Path of the proxy's internal location, without a slash at the end. */
	readonly prefix: string;
	/** Absolute path of what the location serves. */
	readonly folder: string;
}

/** A host name or a port that means one repository for each protocol. */
export interface Binding {
	readonly host?: string;
	readonly port?: number;
	/** Protocol (`v1`, `v2`) to repository key. */
	readonly repositories: Readonly<Record<string, string>>;
}

export interface BootstrapRepository {
	readonly type: string;
	readonly storage: string;
	readonly description: string;
	readonly options: object;
}

export type DatabaseConfiguration =
	| {readonly client: 'sqlite'; readonly file: string}
	| {
			readonly client: 'mysql';
			readonly host: string;
			readonly port: number;
			readonly user: string;
			readonly password: string;
			readonly database: string;
			readonly poolSize: number;
			readonly tls: boolean;
	  };
