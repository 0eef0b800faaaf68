import {
	type Action,
	type ImageName,
	RegistryError,
	type Repositories,
	type Repository,
	type RepositoryWriter,
	type WriteOptions,
} from '@stowage/core';

export interface DeploymentParts {
	/** Key of the virtual repository. */
	readonly virtual: string;
	/** Key of the member that takes what is pushed. */
	readonly deployment: string;
	readonly repositories: Repositories;
}

/** The member that takes what is pushed, for a caller who may do to it what he wants. */
export interface Deployment {
	readonly repository: Repository;
	readonly writer: RepositoryWriter;
	/** With the caller as the member knows him. */
	readonly options: WriteOptions;
}

/** Rejects with `DENIED` unless the caller may do `action` there, and with what an operator has to put right. */
export async function openDeployment(
	{virtual, deployment, repositories}: DeploymentParts,
	action: Action,
	{image, options}: {readonly image: ImageName; readonly options: WriteOptions},
): Promise<Deployment> {
	const caller = options.caller.through?.(virtual) ?? options.caller;
	if (!caller.may(action, deployment, image)) {
		const message = `what is pushed to "${virtual}" goes to "${deployment}", for which you lack the right to ${action}`;
		throw new RegistryError('DENIED', message, {detail: {repository: deployment}});
	}
	const repository = repositories.find(deployment) ?? (await repositories.get(deployment));
	const {signal} = options;
	if (repository?.writer !== undefined && repository.members === undefined) {
		return {repository, writer: repository.writer, options: {caller, signal}};
	}
	const why = repository === undefined ? 'does not exist' : `is a ${repository.type} repository`;
	const message = `nothing can be pushed to "${virtual}": its defaultDeploymentRepo "${deployment}" ${why}`;
	throw new RegistryError('UNSUPPORTED', message, {detail: {repository: deployment}});
}
