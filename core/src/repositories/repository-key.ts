const grammar = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What the first step of a path means to the server, so that no repository can be called so. */
const serverWords: ReadonlySet<string> = new Set([
	'_catalog',
	'access',
	'any',
	'api',
	'artifactory',
	'console',
	'event',
	'healthz',
	'metrics',
	'null',
	'readyz',
	'repository',
	'router',
	'token',
	'trash',
	'ui',
	'v1',
	'v2',
	'webapp',
]);

export {cacheSuffix} from '../access/cache-suffix.ts';

/** What is wrong with a new repository's key, in words; undefined when nothing is. */
export function findKeyProblem(key: string): string | undefined {
	if (!grammar.test(key)) {
		return 'must be 1 to 64 letters, digits, ".", "_" and "-", and begin with a letter or a digit';
	}
	return serverWords.has(key.toLowerCase()) ? `"${key}" has another meaning in paths of this server` : undefined;
}
