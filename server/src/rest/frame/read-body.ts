import type {RegistryError} from '@stowage/core';
import {hasBody} from '../../http/request-body.ts';
import type {HttpContext} from '../../http/http-context.ts';
import type {EndpointBody} from '../endpoint.ts';
import {restError} from '../rest-error.ts';

const usualLimit = 1024 * 1024;
const usualTypes = ['application/json'];

type Form = 'json' | 'form' | 'text';

/**
 * The body in the form that its endpoint asks for: JSON, the fields of a form, or a text; undefined when there is none.
 * Rejects with 400, 413 or 415. A body that names no type is taken for the one that is expected.
 */
export async function readEndpointBody(
	context: HttpContext,
	{contentTypes = usualTypes, limit = usualLimit}: EndpointBody,
): Promise<unknown> {
	if (!hasBody(context)) {
		return undefined;
	}
	const [first = 'application/json'] = contentTypes;
	context.req.headers['content-type'] ??= first;
	// As `is` has what the client sent.
	const types = contentTypes.map(type => type.toLowerCase());
	if (!context.is(types)) {
		throw restError(415, `the body must be of type ${contentTypes.join(' or ')}`);
	}
	const form = formOf(first);
	await parse(context, {form, types, limit});
	return form === 'json' ? context.request.body : toFields(context.request.rawBody, form);
}

function formOf(contentType: string): Form {
	if (contentType === 'application/x-www-form-urlencoded') {
		return 'form';
	}
	return contentType.startsWith('text/') ? 'text' : 'json';
}

function toFields(text = '', form: 'form' | 'text'): unknown {
	return form === 'text' ? text : Object.fromEntries(new URLSearchParams(text));
}

interface ParseOptions {
	readonly form: Form;
	readonly types: string[];
	readonly limit: number;
}

async function parse(context: HttpContext, {form, types, limit}: ParseOptions): Promise<void> {
	// Loading it takes a tenth of a second that a registry which only serves images need not spend.
	const {koaBody, HttpMethodEnum} = await import('koa-body');
	const read = koaBody({
		json: form === 'json',
		jsonTypes: types,
		jsonLimit: limit,
		urlencoded: form === 'form',
		urlencodedTypes: types,
		formLimit: limit,
		text: form === 'text',
		textTypes: types,
		textLimit: limit,
		includeUnparsed: true,
		parsedMethods: Object.values(HttpMethodEnum),
	});
	try {
		await read(context, async () => {});
	} catch (error) {
		throw unreadable(error, limit, form);
	}
}

/** Without the cause, which carries the body: there may be a password in it. */
function unreadable(error: unknown, limit: number, form: Form): RegistryError {
	const {status, message} = error as {status?: unknown; message?: unknown};
	if (status === 413) {
		return restError(413, `the body is larger than ${limit} bytes`);
	}
	if (status === 415) {
		return restError(415, 'the encoding of the body is not supported');
	}
	const reason = form === 'json' && typeof message === 'string' ? reasonIn(message) : '';
	return restError(400, `the body cannot be read as ${form === 'json' ? 'JSON' : `a ${form}`}${reason}`);
}

/** Where it is wrong, without the part of the body that is around. */
function reasonIn(message: string): string {
	const [place] = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message) ?? [];
	return place === undefined ? '' : `: it is wrong ${place}`;
}
