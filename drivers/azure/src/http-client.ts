import {Agent as HttpAgent} from 'node:http';
import {Agent as HttpsAgent} from 'node:https';
import {toHttpHeadersLike} from '@azure/core-http-compat';
import {
	type PipelinePolicy,
	RestError,
	type SendRequest,
	createDefaultHttpClient,
	createHttpHeaders,
	createPipelineRequest,
} from '@azure/core-rest-pipeline';
import type {HttpOperationResponse, IHttpClient, WebResource} from '@azure/storage-blob';

/** Statuses of a gateway or a limiter, which the SDK does not try again. */
const passing = [408, 429, 502, 504];

export interface OwnHttpClient extends IHttpClient {
	/** Ends all connections. */
	close(): void;
}

/**
 * The SDK's own client with connections that belong to one driver and end with it, and with a time limit for each try:
 * the SDK has none. What fails so is worth another try to the SDK's retry policy. `policy` sees each try of a request.
 */
export function createHttpClient(url: string, timeout: number, policy?: PipelinePolicy): OwnHttpClient {
	const inner = createDefaultHttpClient();
	const send: SendRequest = request => inner.sendRequest(request);
	const settings = {keepAlive: true, noDelay: true, timeout: 60_000};
	const agent = url.startsWith('https:') ? new HttpsAgent(settings) : new HttpAgent(settings);

	return {
		async sendRequest(resource) {
			const request = createPipelineRequest({
				...resource,
				headers: createHttpHeaders(resource.headers.rawHeaders()),
				// A proxy of the environment comes with an agent.
				agent: resource.agent ?? agent,
				timeout,
				allowInsecureConnection: true,
			});
			try {
				const response = await (policy === undefined ? send(request) : policy.sendRequest(request, send));
				if (passing.includes(response.status)) {
					throw new RestError(`the service answered ${response.status}`, {
						code: RestError.REQUEST_SEND_ERROR,
						statusCode: response.status,
					});
				}
				return {...response, request: resource, headers: toHttpHeadersLike(response.headers)};
			} catch (error) {
				throw isTimeout(error, resource) ? late(timeout) : error;
			}
		},
		close: () => agent.destroy(),
	} satisfies OwnHttpClient & {sendRequest(resource: WebResource): Promise<HttpOperationResponse>};
}

/** The inner client aborts a request both when its caller says so and when its time is up. */
function isTimeout(error: unknown, {abortSignal}: WebResource): boolean {
	return error instanceof Error && error.name === 'AbortError' && abortSignal?.aborted !== true;
}

function late(timeout: number): RestError {
	return new RestError(`the service did not answer within ${timeout} ms`, {code: 'ETIMEDOUT'});
}
