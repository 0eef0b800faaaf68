/** The command that does the same as root: itself, or by `sudo` that must not ask for a password. */
export function asRoot(command: readonly string[], environment: NodeJS.ProcessEnv = {}): string[] {
	if (process.getuid?.() === 0) {
		return [...command];
	}
	// sudo resets PATH and most variables, so what matters is handed over by env(1).
	const kept = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
	return ['sudo', '-n', 'env', ...kept, ...command];
}
