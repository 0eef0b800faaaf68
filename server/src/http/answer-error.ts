import type {Logger, RegistryError} from '@stowage/core';
import type {RequestAudit} from '../audit/request-audit.ts';
import {answerJson} from './answer.ts';
import {challengeFor} from './challenge.ts';
import {registryErrorOf} from './error-status.ts';
import type {HttpContext} from './http-context.ts';
import {awaitsContinue} from './request-body.ts';

interface HandlingParts {
	readonly logger: Logger;
	readonly audit: RequestAudit;
}

/**
 * The only place where an error becomes a status and a body: in the form of the distribution specification, or of
 * Artifactory's API. After the first byte of an answer it ends the connection, so that nobody takes a part for the whole.
 */
export function answerError(context: HttpContext, error: unknown, {logger, audit}: HandlingParts): void {
	const {res, req, requestId} = context;
	context.respond = false;
	if ((res.destroyed || req.socket.destroyed) && (!res.headersSent || isDeparture(error))) {
		logger.debug({requestId, err: error}, 'client left');
		return;
	}
	const told = registryErrorOf(error, requestId);
	if (told.status >= 500) {
		const fields = {requestId, method: req.method, path: pathOf(context), err: error};
		if (isPutOff(told)) {
			logger.info(fields, 'request put off');
		} else {
			logger.error(fields, 'request failed');
		}
	}
	if (res.headersSent) {
		logger.warn({requestId, path: pathOf(context), err: error}, 'answer broken off');
		res.destroy();
		return;
	}
	if (told.elsewhere === undefined) {
		audit.refused(context, told);
	}
	sendError(context, told);
	// What the client still sends is let go, so that it comes to read the answer.
	req.resume();
}

/** Nothing is wrong here: the client came at a moment when others were before it, and is told when to come again. */
function isPutOff({headers, cause}: RegistryError): boolean {
	return cause === undefined && headers['Retry-After'] !== undefined;
}

/** What a stream fails with that is ended because its reader went, not because of its source. */
function isDeparture(error: unknown): boolean {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	return code === 'ERR_STREAM_PREMATURE_CLOSE' || (error instanceof Error && error.name === 'AbortError');
}

function sendError(context: HttpContext, error: RegistryError): void {
	const headers: Record<string, string> = {...error.headers};
	// A client would take a challenge for one about its own credentials, and ask its user for others.
	if (error.status === 401 && error.elsewhere === undefined) {
		headers['WWW-Authenticate'] ??= challengeFor(context);
	}
	if (awaitsContinue(context)) {
		// Whether a body follows is up to the client now: the connection cannot be read on.
		headers['Connection'] = 'close';
	}
	answerJson(context, error.status, headers, errorBody(context, error));
}

function errorBody(context: HttpContext, error: RegistryError): object {
	const own = context.table?.protocol?.errorBody?.(error);
	if (own !== undefined) {
		return own;
	}
	if (isRest(context)) {
		return {errors: [{status: error.status, message: error.message}]};
	}
	return {errors: [{code: error.code, message: error.message, detail: error.detail}]};
}

function isRest({table, req}: HttpContext): boolean {
	return table === undefined ? /^\/(?:artifactory|api|access)\//.test(req.url ?? '') : table.errors === 'rest';
}

function pathOf({req}: HttpContext): string {
	return req.url?.split('?', 1)[0] ?? '';
}
