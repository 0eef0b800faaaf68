/** A JSON Schema (2020-12) of `type: object`. Data, so that no plugin forces its validator on the core. */
export type JsonSchema = Readonly<Record<string, unknown>>;
