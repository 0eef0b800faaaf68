import type {Knex} from 'knex';

/** Knex prints to the console what it also throws. */
export const silentLog: Knex.Logger = {
	debug: ignore,
	warn: ignore,
	error: ignore,
	deprecate: ignore,
};

function ignore(): void {
	// Who made the call hears of it.
}
