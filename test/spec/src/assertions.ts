import type {ExecutionContext} from 'ava';
import type {Answer} from './answer.ts';

/** The answer refuses with one of `codes`, in the form of the distribution specification ("Error Codes"). */
export function refused(
	t: ExecutionContext,
	answer: Answer,
	status: number | readonly number[],
	...codes: string[]
): void {
	const statuses = typeof status === 'number' ? [status] : status;
	t.true(statuses.includes(answer.status), `answered ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
	t.regex(answer.need('content-type'), /^application\/json\b/);
	t.is(answer.need('content-length'), String(answer.body.length));
	for (const error of answer.errors()) {
		t.true(codes.includes(error.code), `${error.code} is none of ${codes.join(', ')}`);
		t.regex(error.code, /^[A-Z_]+$/);
		t.is(typeof error.message, 'string');
	}
}

/** The answer has `status`; when it does not, the test shows what was said instead. */
export function answered(t: ExecutionContext, answer: Answer, status: number): void {
	t.is(answer.status, status, answer.body.toString().slice(0, 300));
}

/** The answer to an upload request (specification, "Pushing a blob in chunks") says that `bytes` have come so far. */
export function progressed(t: ExecutionContext, answer: Answer, status: number, bytes: number): void {
	answered(t, answer, status);
	t.is(answer.need('range'), `0-${Math.max(0, bytes - 1)}`);
	t.truthy(answer.need('location'));
	t.truthy(answer.need('docker-upload-uuid'));
	t.is(answer.body.length, 0);
}
