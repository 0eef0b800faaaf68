export type * from './database-options.ts';
export {openMetadata} from './open-metadata.ts';
