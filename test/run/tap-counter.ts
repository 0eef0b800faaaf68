/** Counts the results of a test run that prints in the Test Anything Protocol. */
export class TapCounter {
	passed = 0;
	/** A test that is skipped or still to be written is not a passed one, whatever its author says. */
	failed = 0;

	add(line: string): void {
		const result = /^(not )?ok \d+(.*)$/.exec(line);
		if (result === null) {
			return;
		}
		const [, not, rest] = result;
		if (not === undefined && !/# (skip|todo)\b/i.test(rest!)) {
			this.passed += 1;
		} else {
			this.failed += 1;
		}
	}
}
