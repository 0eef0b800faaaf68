/** The word that was probably meant by `written`: at most two letters off (one for short words), else undefined. */
export function nearestWord(written: string, words: readonly string[]): string | undefined {
	const limit = written.length <= 3 ? 1 : 2;
	let best: string | undefined;
	let bestDistance = limit + 1;
	for (const word of words) {
		const distance = editDistance(written.toLowerCase(), word.toLowerCase());
		if (distance < bestDistance) {
			[best, bestDistance] = [word, distance];
		}
	}
	return best;
}

/** `, did you mean "…"?` or nothing, to end a message with. */
export function didYouMean(written: string, words: readonly string[]): string {
	const word = nearestWord(written, words);
	return word === undefined ? '' : `, did you mean "${word}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(from: string, to: string): number {
	let beforePrevious: number[] = [];
	let previous = Array.from({length: to.length + 1}, (_, index) => index);
	for (let row = 1; row <= from.length; row++) {
		const current = [row];
		for (let column = 1; column <= to.length; column++) {
			const same = from[row - 1] === to[column - 1];
			let distance = Math.min(
				at(previous, column) + 1,
				at(current, column - 1) + 1,
				at(previous, column - 1) + (same ? 0 : 1),
			);
			const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
			if (swapped) {
				distance = Math.min(distance, at(beforePrevious, column - 2) + 1);
			}
			current.push(distance);
		}
		[beforePrevious, previous] = [previous, current];
	}
	return at(previous, to.length);
}

function at(numbers: readonly number[], index: number): number {
	return numbers[index] ?? Number.POSITIVE_INFINITY;
}
