import type {Properties, PropertyChange} from '../../metadata/property-records.ts';
import {RegistryError} from '../../oci/registry-error.ts';
import type {Abortable} from '../../types/abortable.ts';
import {derivedProperties, isDerivedProperty} from './derived-properties.ts';
import {ItemLabels, type ItemLabelsParts} from './item-labels.ts';
import type {FileItem, Item} from './item.ts';

/** Items whose properties are changed in one transaction. */
const atATime = 200;

const longestName = 255;
const longestValue = 4000;
const mostValues = 1000;

/** What clients have given to items, and what these say of themselves. */
export class ItemProperties {
	readonly #parts: ItemLabelsParts;
	readonly #labels: ItemLabels;

	constructor(parts: ItemLabelsParts) {
		this.#parts = parts;
		this.#labels = new ItemLabels(parts);
	}

	/** In the order of their names; empty for an item that has none. */
	async read(items: readonly Item[], options: Abortable = {}): Promise<ReadonlyMap<Item, Properties>> {
		const derived = await this.#derive(items, options);
		const found = new Map<Item, Properties>();
		for (const [repository, ofRepository] of Map.groupBy(items, ({source}) => source.definition.id)) {
			const paths = ofRepository.map(({path}) => path);
			const given = await this.#parts.metadata.properties.read(repository, paths);
			for (const item of ofRepository) {
				const all = [...(given.get(item.path) ?? []), ...(derived.get(item) ?? [])];
				found.set(item, new Map(all.toSorted(([one], [other]) => (one < other ? -1 : 1))));
			}
		}
		return found;
	}

	/**
	 * Changes the properties of all these items, a part at a time. What is derived cannot be changed: to set it to what it
	 * is does nothing, nor does removing it, since clients remove all that they have read; anything else is refused with 400,
	 * before anything has been changed where there is one item. An item that would have more properties than one may have
	 * refuses them with 400 as well.
	 */
	async change(
		items: AsyncIterable<Item> | Iterable<Item>,
		change: PropertyChange,
		options: Abortable = {},
	): Promise<void> {
		const {set = new Map<string, readonly string[]>(), remove = []} = change;
		checkChange({set, remove});
		const derived = new Map([...set].filter(([name]) => isDerivedProperty(name)));
		const rest = {
			set: new Map([...set].filter(([name]) => !derived.has(name))),
			remove: remove.filter(name => !isDerivedProperty(name)),
		};
		for await (const part of partsOf(items)) {
			options.signal?.throwIfAborted();
			if (derived.size > 0) {
				await this.#checkDerived(part, derived, options);
			}
			if (rest.set.size > 0 || rest.remove.length > 0) {
				for (const [repository, places] of Map.groupBy(part, ({source}) => source.definition.id)) {
					await this.#parts.metadata.properties.change(
						repository,
						places.map(({place}) => place),
						rest,
					);
				}
			}
		}
	}

	async #derive(items: readonly Item[], options: Abortable): Promise<ReadonlyMap<Item, Properties>> {
		const files = items.filter((item): item is FileItem => item.kind === 'file');
		const labels = await this.#labels.read(files, options);
		return new Map(items.map(item => [item, derivedProperties(item, labels.get(item as FileItem))]));
	}

	async #checkDerived(items: readonly Item[], wanted: Properties, options: Abortable): Promise<void> {
		const derived = await this.#derive(items, options);
		for (const item of items) {
			for (const [name, values] of wanted) {
				// A label has one value, however many commas are in it.
				if (derived.get(item)?.get(name)?.[0] !== values.join(',')) {
					throw refuse(`"${name}" says what ${item.path === '' ? item.source.key : item.path} is: it cannot be set`);
				}
			}
		}
	}
}

async function* partsOf(items: AsyncIterable<Item> | Iterable<Item>): AsyncGenerator<readonly Item[], void> {
	let part: Item[] = [];
	for await (const item of items) {
		part.push(item);
		if (part.length === atATime) {
			yield part;
			part = [];
		}
	}
	if (part.length > 0) {
		yield part;
	}
}

function checkChange({set, remove}: Required<PropertyChange>): void {
	const values = [...set.values()].flat();
	const odd = [...set.keys(), ...remove].find(
		name => name.trim() === '' || name.length > longestName || /\p{Cc}/u.test(name),
	);
	if (odd !== undefined) {
		throw refuse(`"${odd.slice(0, 40)}" is no name of a property`);
	}
	if (values.some(value => value.length > longestValue)) {
		throw refuse(`a value of a property has ${longestValue} characters at most`);
	}
	if (values.length + remove.length > mostValues) {
		throw refuse(`no more than ${mostValues} properties can be changed at once`);
	}
}

function refuse(message: string): RegistryError {
	return new RegistryError('UNSUPPORTED', message, {status: 400});
}
