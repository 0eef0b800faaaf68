import type {Plugin} from '@stowage/core';
import type {BootstrapRepository} from './configuration.ts';
import type {ConfigurationDraft} from './configuration-draft.ts';

/** Puts in what a registry begins with whose operator does not say it, as far as the plugins offer the types for it. */
export function completeBootstrap(draft: ConfigurationDraft, plugins: readonly (Plugin | undefined)[]): void {
	const offered = new Set(plugins.flatMap(plugin => plugin?.repositoryTypes ?? []).map(({type}) => type));
	draft.value['bootstrap'] ??= {repositories: firstRepositories(offered)};
}

/** One to push to, Docker Hub, and both under one name. */
function firstRepositories(offered: ReadonlySet<string>): Record<string, BootstrapRepository> {
	const wanted: Record<string, BootstrapRepository> = {
		'docker-local': repository('local', 'What is pushed here', {}),
		dockerhub: repository('remote', 'Docker Hub, and what was pulled from it', {url: 'https://registry-1.docker.io/'}),
	};
	const made = Object.entries(wanted).filter(([, {type}]) => offered.has(type));
	if (offered.has('virtual') && offered.has('local')) {
		const options = {repositories: made.map(([key]) => key), defaultDeploymentRepo: 'docker-local'};
		made.push(['docker', repository('virtual', 'Everything under one name', options)]);
	}
	return Object.fromEntries(made);
}

function repository(type: string, description: string, options: object): BootstrapRepository {
	return {type, storage: 'default', description, options};
}
