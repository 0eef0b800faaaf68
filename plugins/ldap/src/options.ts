import {type Static, Type} from 'typebox';

const seconds = (description: string, standard: number) =>
	Type.Integer({description, default: standard, minimum: 1, maximum: 30});
const text = (description: string, more: object = {}) => Type.String({description, minLength: 1, ...more});
const attribute = {pattern: '^[A-Za-z][A-Za-z0-9;-]*$'};

/** Options of an LDAP directory. */
export const ldapOptions = Type.Object(
	{
		urls: Type.Array(Type.String({pattern: '^ldaps?://[^\\s/?#@]+/?$'}), {
			description: 'Servers of the directory, asked in this order until one can be reached: `ldaps://ldap.example`.',
			minItems: 1,
		}),
		startTls: Type.Boolean({
			description: 'Whether a connection to `ldap://` is encrypted before anything else is said.',
			default: false,
		}),
		allowUnencrypted: Type.Boolean({
			description: 'Whether passwords may go over `ldap://` as they are.',
			default: false,
		}),
		caCertificates: Type.Optional(text('PEM of the authorities to trust instead of those of the system.')),
		bindDn: Type.Optional(
			text('Who searches: an account that may read users and groups. Without it: nobody (anonymous).'),
		),
		bindPassword: Type.Optional(text('Password of that account.', {writeOnly: true})),
		userBase: text('Entry below which users are: `ou=people,dc=example,dc=org`.'),
		userFilter: text(
			'Which entry a user is (RFC 4515); `{name}` is what he typed. An entry that it does not find cannot sign in, so it also says who is disabled.',
			{default: '(uid={name})', pattern: '\\{name\\}'},
		),
		userDnTemplate: Type.Optional(
			text('Where the entry of a user is, where it need not be searched: `uid={name},ou=people,dc=example,dc=org`.', {
				pattern: '\\{name\\}',
			}),
		),
		nameAttribute: text('What a user is called here.', {default: 'uid', ...attribute}),
		idAttribute: text(
			'What stays the same when an entry is renamed: `objectGUID` with Active Directory. Without it: the DN.',
			{
				default: 'entryUUID',
				...attribute,
			},
		),
		emailAttribute: text('His address.', {default: 'mail', ...attribute}),
		groupBase: Type.Optional(text('Entry below which groups are. Without it none are searched.')),
		groupFilter: text('In which groups a user is; `{dn}` is his entry, `{name}` what he is called.', {
			default: '(|(member={dn})(uniqueMember={dn})(memberUid={name}))',
		}),
		groupNameAttribute: text('What a group is called.', {default: 'cn', ...attribute}),
		memberOfAttribute: Type.Optional(
			text(
				'Attribute of a user that has the DNs of his groups, which are then called by their DNs: `memberOf`.',
				attribute,
			),
		),
		connections: Type.Integer({
			description: 'Connections at a time; each process has as many.',
			default: 8,
			minimum: 1,
			maximum: 100,
		}),
		connectTimeoutSeconds: seconds('How long connecting to a server may take.', 5),
		timeoutSeconds: seconds('How long an answer may take.', 10),
	},
	{additionalProperties: false},
);

export type LdapOptions = Static<typeof ldapOptions>;
