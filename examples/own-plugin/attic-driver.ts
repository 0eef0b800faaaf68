import {type MemoryBackend, type StorageDriverType, createMemoryBackend, createMemoryDriver} from '@stowage/core';
import {type Static, Type} from 'typebox';

const options = Type.Object(
	{shelf: Type.String({pattern: '^[a-z]+$', description: 'Storages of one shelf see the same objects.'})},
	{additionalProperties: false},
);

/** `driver: attic`: objects in memory, by the shelf. In place of a memory driver stands the client of your own store. */
export function makeAtticDriver(): StorageDriverType<Static<typeof options>> {
	const shelves = new Map<string, MemoryBackend>();
	return {
		type: 'attic',
		options: {...options},
		async create({shelf}) {
			const backend = shelves.get(shelf) ?? createMemoryBackend();
			shelves.set(shelf, backend);
			return createMemoryDriver(backend);
		},
	};
}
