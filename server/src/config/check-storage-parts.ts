import {type StorageDriverType, findDependencyCircle} from '@stowage/core';
import type {ConfigurationDraft} from './configuration-draft.ts';
import {didYouMean} from './nearest-word.ts';

const path = ['storages'] as const;

/**
 * Checks that what storages are made of is there, that none is made of itself, and that no two are made of the same one:
 * they would delete each other's objects. Asks those whose options fit.
 */
export function checkStorageParts(draft: ConfigurationDraft, types: ReadonlyMap<string, StorageDriverType>): void {
	const made = new Map<string, readonly string[]>();
	for (const name of draft.keys(path).map(String)) {
		const {driver = '', options = {}} = (draft.fitting([...path, name]) ?? {}) as {driver?: string; options?: object};
		made.set(name, types.get(driver)?.dependencies?.(options) ?? []);
	}
	const owners = new Map<string, string>();
	for (const [name, parts] of made) {
		for (const part of parts) {
			const owner = owners.get(part);
			if (!made.has(part)) {
				draft.add([...path, name], `there is no storage "${part}"${didYouMean(part, [...made.keys()])}`);
			} else if (owner !== undefined) {
				draft.add([...path, name], `storage "${part}" is a part of "${owner}" already`);
			}
			owners.set(part, name);
		}
		const circle = findDependencyCircle(name, parts, other => made.get(other) ?? []);
		if (circle !== undefined) {
			draft.add([...path, name], `would be made of itself: ${circle.join(' -> ')}`);
		}
	}
}
