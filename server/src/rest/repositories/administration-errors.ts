import {DefinitionError, RepositoryExistsError, RepositoryUnknownError} from '@stowage/core';
import {restError} from '../rest-error.ts';

/** Runs an operation on definitions, and says what was wrong with it in the form of this API. */
export async function administer<Result>(operation: () => Promise<Result>): Promise<Result> {
	try {
		return await operation();
	} catch (error) {
		throw translate(error);
	}
}

function translate(error: unknown): unknown {
	if (error instanceof RepositoryExistsError) {
		return restError(400, `Repository ${error.key} already exists`, {cause: error});
	}
	if (error instanceof RepositoryUnknownError) {
		return restError(404, `Repository ${error.key} does not exist`, {cause: error});
	}
	if (error instanceof DefinitionError) {
		const words = error.problems.map(({path, message}) =>
			path === '' ? message : `field "${nameOf(path)}": ${message}`,
		);
		return restError(400, `Repository ${error.key}: ${words.join('; ')}`, {cause: error});
	}
	return error;
}

/** From the JSON pointer `/a/0/b` to `a[0].b`. */
function nameOf(pointer: string): string {
	const steps = pointer.split('/').slice(1);
	return steps
		.map((step, index) => (index > 0 && /^\d+$/.test(step) ? `[${step}]` : `.${step}`))
		.join('')
		.slice(1);
}
