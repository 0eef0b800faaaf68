import {type Command, InvalidArgumentError, Option} from 'commander';
import {withMetadata} from './access.ts';
import type {ConfigurationOptions} from './program.ts';

interface AuditOptions extends ConfigurationOptions {
	readonly user?: string;
	readonly action?: string;
	readonly repository?: string;
	readonly kind?: 'change' | 'refusal';
	readonly from?: Date;
	readonly until?: Date;
	readonly limit: number;
	readonly json?: boolean;
}

/** `stowage audit`. `configured` adds the options that name the configuration. */
export function defineAuditCommand(program: Command, configured: (command: Command) => Command): void {
	configured(program.command('audit'))
		.description('show who changed what, and who was refused; the newest first')
		.option('--user <name>', 'of this user only; changes by commands are those of "operator"')
		.option('--action <word>', 'only this, such as user.delete')
		.option('--repository <key>', 'what was done to this repository only')
		.addOption(new Option('--kind <kind>', 'only these').choices(['change', 'refusal']))
		.option('--from <time>', 'not before, such as 2026-01-31 or 2026-01-31T12:00:00Z', toTime)
		.option('--until <time>', 'before', toTime)
		.option('--limit <n>', 'how many', toCount, 100)
		.option('--json', 'a line of JSON for each entry')
		.action(showAudit);
}

async function showAudit({json = false, user, action, repository, kind, ...options}: AuditOptions): Promise<void> {
	const {from, until, limit} = options;
	const [{shownEntry}, {toTable}] = await Promise.all([import('../audit/shown-entry.ts'), import('./to-table.ts')]);
	await withMetadata(options, async ({audit}) => {
		const {items} = await audit.list({user, action, repository, kind, from, until, limit});
		if (json) {
			process.stdout.write(items.map(entry => `${JSON.stringify(shownEntry(entry))}\n`).join(''));
			return;
		}
		const rows = items.map(({at, user: name = '?', address, action: done, target, status, count}) => [
			at.toISOString(),
			name,
			address,
			done,
			target,
			status === undefined ? 'unknown' : String(status),
			count === 1 ? '' : `${count} times`,
		]);
		process.stdout.write(toTable([['time', 'user', 'from', 'action', 'what', 'status', ''], ...rows]));
	});
}

function toTime(text: string): Date {
	const time = new Date(text);
	if (Number.isNaN(time.getTime())) {
		throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z.');
	}
	return time;
}

function toCount(text: string): number {
	const count = Number(text);
	if (!Number.isInteger(count) || count < 1 || count > 100_000) {
		throw new InvalidArgumentError('It must be a whole number from 1 to 100000.');
	}
	return count;
}
