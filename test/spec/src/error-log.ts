import type {Logger} from '@stowage/core';

/** Keeps what is logged as an error, which a registry does when something of its own is wrong, and nothing else. */
export class ErrorLog implements Logger {
	readonly lines: string[] = [];

	debug(): void {}

	info(): void {}

	warn(): void {}

	error(fields: object, message: string): void {
		const {err, ...rest} = fields as {err?: unknown};
		this.lines.push(`${message} ${JSON.stringify(rest)} ${err instanceof Error ? (err.stack ?? err.message) : ''}`);
	}

	child(): Logger {
		return this;
	}
}
