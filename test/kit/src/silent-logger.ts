import type {Logger} from '@stowage/core';

/** A logger that says nothing. */
export const silentLogger: Logger = {
	debug() {},
	info() {},
	warn() {},
	error() {},
	child: () => silentLogger,
};
