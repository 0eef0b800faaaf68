import type {Command} from 'commander';
import type {PromoteOptions} from './promote.ts';

/** `stowage promote <source> <target>`. */
export function promoteCommand(program: Command): Command {
	return program
		.command('promote')
		.description('move or copy an image, with its signatures and all that refers to it, to another repository')
		.argument('<source>', 'repository/image:tag, or repository/image for all of it')
		.argument('<target>', 'repository, repository/image or repository/image:tag')
		.option('--copy', 'leave the source as it is')
		.action(async (source: string, target: string, options: PromoteOptions) => {
			const {promote} = await import('./promote.ts');
			await promote(source, target, options);
		});
}
