/** What a command prints for a reader who has gone (`| head`) is let go: the command does its work to the end all the same. */
export function ignoreClosedPipes(): void {
	for (const stream of [process.stdout, process.stderr]) {
		stream.on('error', (error: NodeJS.ErrnoException) => {
			if (error.code !== 'EPIPE') {
				throw error;
			}
		});
	}
}
