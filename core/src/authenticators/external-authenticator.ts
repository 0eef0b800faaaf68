import type {Abortable} from '../types/abortable.ts';
import type {JsonSchema} from '../types/json-schema.ts';
import type {Logger} from '../types/logger.ts';

/** Somebody as an authenticator knows him. */
export interface ExternalUser {
	/**
	 * The name that he is to have here, spelled in one way however he typed it: 1 to 255 letters, digits and `._@+~-`, the
	 * first one a letter, a digit or `_`. Who has another one is not let in.
	 */
	readonly name: string;
	/** Never of anybody else, also after he was renamed, removed or somebody else got his name. */
	readonly externalId: string;
	readonly email?: string;
	/** What the authenticator calls the groups that he is in now. The server says which groups here they mean. */
	readonly groups: readonly string[];
}

/** What a token is worth that was given to something, such as a build, and not to somebody. */
export interface ExternalGrant {
	/** Who is told to have come: the name of a user for whom the scope is, or of nobody. */
	readonly subject: string;
	/** As `findTokenScope` reads it. */
	readonly scope: string;
	/** How long the token of ours is good that is given for it. */
	readonly lifetimeSeconds: number;
	/** For the token's description: which rule it comes of. */
	readonly description: string;
}

/** A token that was found right. */
export type ExternalToken = {
	/** Milliseconds since 1970. */
	readonly expiresAt: number;
} & (
	| {readonly user: ExternalUser; readonly lifetimeSeconds: number; readonly grant?: undefined}
	| {readonly grant: ExternalGrant; readonly user?: undefined}
	/** Good, and for nothing here. */
	| {readonly user?: undefined; readonly grant?: undefined}
);

/**
 * Says who somebody is, of whom the server keeps no secret. It offers one of `verifyPassword` and `verifyToken`, or both.
 *
 * Methods reject when the answer cannot be found out, such as when the other side is not reachable or takes too long; the
 * server then tells the client to try again later, and counts no failure. They never throw for what a client sent.
 */
export interface ExternalAuthenticator {
	/**
	 * Who has this name and this password; undefined, and after about the same time, whether there is none of that name,
	 * the password is another or he may not sign in. An empty password is nobody's.
	 */
	verifyPassword?(name: string, password: string, options?: Abortable): Promise<ExternalUser | undefined>;

	/** What a token is worth, that was made for this server; undefined when it is not good. */
	verifyToken?(token: string, options?: Abortable): Promise<ExternalToken | undefined>;

	/**
	 * Somebody who was found before, as he is now; undefined when he is gone, may not sign in any more, or is somebody
	 * else. Asked again and again while he is active, so that what is changed there counts here within five seconds. Left
	 * out where nothing is known of who does not sign in: then what was said at a sign-in holds as long as its token.
	 */
	findUser?(user: Pick<ExternalUser, 'name' | 'externalId'>, options?: Abortable): Promise<ExternalUser | undefined>;

	/** Ends what is under way and releases connections. Called once. */
	close(): Promise<void>;
}

export interface AuthenticatorContext {
	/** The name that the operator gave this authenticator in the configuration. */
	readonly name: string;
	readonly logger: Logger;
}

/** What a plugin offers: how to make authenticators of one kind. */
export interface AuthenticatorType<Options extends object = object> {
	/** The word operators write after `type:`. */
	readonly type: string;
	/** Validates, completes with defaults, documents, and (by `writeOnly: true`) marks secrets. */
	readonly options: JsonSchema;
	/** Everything that is wrong with options that fit the schema, at JSON pointers into them. */
	check?(options: Options): readonly {readonly path: string; readonly message: string}[];
	/**
	 * Rejects when it cannot work as it is configured. That the other side is not reachable now is no reason: the server
	 * starts, and its own users sign in.
	 */
	create(options: Options, context: AuthenticatorContext): Promise<ExternalAuthenticator>;
}
