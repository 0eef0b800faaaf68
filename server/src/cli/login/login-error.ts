/** Signing in did not come to an end. The message says why, and holds no secret. */
export class LoginError extends Error {
	override readonly name = 'LoginError';
	readonly code = 'LOGIN_FAILED';
}
