export type * from './database-options.ts';
export {type OpenedCollection, openCollection} from './open-collection.ts';
export {openMetadata} from './open-metadata.ts';
