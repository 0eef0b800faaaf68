import {type RepositoryType, findDependencyCircle} from '@stowage/core';
import type {ConfigurationDraft} from './configuration-draft.ts';
import {toSteps} from './json-pointer.ts';

const path = ['bootstrap', 'repositories'] as const;

/** Checks what no schema says of the repositories to be made, where their options fit: by their types, and for circles. */
export function checkBootstrapDefinitions(draft: ConfigurationDraft, types: ReadonlyMap<string, RepositoryType>): void {
	const made = new Map<string, readonly string[]>();
	for (const key of draft.keys(path).map(String)) {
		const {type: word = '', options = {}} = (draft.fitting([...path, key]) ?? {}) as {type?: string; options?: object};
		const type = types.get(word);
		for (const problem of type?.check?.(options) ?? []) {
			draft.add([...path, key, 'options', ...toSteps(problem.path)], problem.message);
		}
		made.set(key, type?.dependencies?.(options) ?? []);
	}
	for (const [key, dependencies] of made) {
		const circle = findDependencyCircle(key, dependencies, other => made.get(other) ?? []);
		if (circle !== undefined) {
			draft.add([...path, key], `would be made of itself: ${circle.join(' -> ')}`);
		}
	}
}
