import type {Json} from '../types/json.ts';

/** Values of the server as a whole that all nodes share, such as the key that signs tokens. May be secret. */
export interface SettingRecords {
	find(name: string): Promise<Json | undefined>;
	/** Resolves to the stored value, which is another one when somebody else was first. */
	insertOnce(name: string, value: Json): Promise<Json>;
	set(name: string, value: Json): Promise<void>;
}
