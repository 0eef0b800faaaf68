/** The `Authorization` header of RFC 7617. */
export function basicAuthorization(name: string, password: string): string {
	return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}
