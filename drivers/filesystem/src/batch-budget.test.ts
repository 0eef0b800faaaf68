import test from 'ava';
import {BatchBudget} from './batch-budget.ts';

const kibibyte = 1024;

test('the more uploads there are, the less each of them gathers', t => {
	const budget = new BatchBudget();
	const sizes: number[] = [];
	for (let uploads = 1; uploads <= 64; uploads *= 2) {
		while (sizes.length < uploads) {
			budget.enter();
			sizes.push(budget.batchSize / kibibyte);
		}
	}
	t.deepEqual(
		[1, 4, 8, 16, 32, 64].map(uploads => sizes[uploads - 1]),
		[512, 512, 512, 256, 128, 128],
	);
});

test('an upload that has ended leaves its share to the others', t => {
	const budget = new BatchBudget();
	const uploads = Array.from({length: 16}, () => budget.enter());
	t.is(budget.batchSize, 256 * kibibyte);
	for (const upload of uploads.slice(1)) {
		upload[Symbol.dispose]();
	}
	t.is(budget.batchSize, 512 * kibibyte);
});
