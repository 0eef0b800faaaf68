import {type TObject, type TProperties, type TSchema, Type} from 'typebox';

/** A field that may be left out, or `null`, which is the same: some clients write all that they know. */
export function optional<Schema extends TSchema>(schema: Schema) {
	return Type.Optional(Type.Union([schema, Type.Null()]));
}

/** An object with fields besides those that are looked at: clients of Artifactory send what this server has no use for. */
export function lenient<Properties extends TProperties>(properties: Properties): TObject<Properties> {
	return Type.Object(properties, {additionalProperties: true});
}

/** What was told, without `null`. */
export function told<Value>(value: Value | null | undefined): Value | undefined {
	return value ?? undefined;
}
