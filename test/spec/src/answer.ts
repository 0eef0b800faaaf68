import type {IncomingHttpHeaders} from 'undici/types/header.js';

/** An entry of the `errors` array of the distribution specification, "Error Codes". */
export interface AnswerError {
	readonly code: string;
	readonly message: string;
	readonly detail?: unknown;
}

/** What the registry sent, read to its end and otherwise untouched. */
export class Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;

	constructor(status: number, headers: IncomingHttpHeaders, body: Buffer) {
		this.status = status;
		this.headers = headers;
		this.body = body;
	}

	/** Several headers of one name are joined as RFC 9110, section 5.2 has it. */
	header(name: string): string | undefined {
		const value = this.headers[name.toLowerCase()];
		return typeof value === 'string' ? value : value?.join(', ');
	}

	/** The header's value; throws when it is missing. */
	need(name: string): string {
		const value = this.header(name);
		if (value === undefined) {
			throw new Error(`the answer (${this.status}) has no ${name} header: ${this.body.toString().slice(0, 500)}`);
		}
		return value;
	}

	/** The body, believed to be what the test expects. */
	// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- saves a cast in every test
	json<Type = unknown>(): Type {
		return JSON.parse(this.body.toString()) as Type;
	}

	/** Throws unless the body is of the specification's form. */
	errors(): readonly AnswerError[] {
		const {errors} = this.json<{errors?: readonly AnswerError[]}>();
		if (!Array.isArray(errors) || errors.length === 0) {
			throw new Error(`not an error body: ${this.body.toString().slice(0, 500)}`);
		}
		return errors as readonly AnswerError[];
	}

	/** Target of `Link: <…>; rel="next"` (RFC 8288); undefined on the last page. */
	next(): string | undefined {
		const link = this.header('link');
		return link === undefined ? undefined : /^<([^>]*)>;\s*rel="?next"?$/.exec(link)?.[1];
	}
}
