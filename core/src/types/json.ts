/** Plain JSON: whatever is made of it survives a database column, a restart and another process. */
export type Json = null | boolean | number | string | readonly Json[] | {readonly [key: string]: Json};
