interface Line {
	readonly level: string;
	readonly time: string;
	readonly msg?: string;
	readonly err?: {readonly stack?: string};
}

/** A line of JSON from the log, as a person wants it: `12:34:56 info  message  key=value`, and the stack below. */
export function toReadableLine(json: string): string {
	const {level, time, msg, err, ...fields} = JSON.parse(json) as Line & Record<string, unknown>;
	const told = Object.entries(fields).map(([name, value]) => `${name}=${readable(value)}`);
	const clock = new Date(time).toTimeString().slice(0, 8);
	const stack = err?.stack === undefined ? '' : `\n    ${err.stack.replaceAll('\n', '\n    ')}`;
	return `${[clock, level.padEnd(5), msg ?? '', ...told].join(' ').trimEnd()}${stack}\n`;
}

function readable(value: unknown): string {
	return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}
