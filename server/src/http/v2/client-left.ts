/** Why an answer ends whose bytes the system does not take: their source was read, so it is the way to the client. */
export function clientLeft(cause: Error): DOMException {
	return new DOMException('the client has left', {name: 'AbortError', cause});
}
