// Knex has no types for its dialects.
declare module 'knex/lib/dialects/*' {
	import type {Knex} from 'knex';

	const client: typeof Knex.Client;
	export default client;
}
