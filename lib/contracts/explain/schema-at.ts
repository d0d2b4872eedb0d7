import { z } from 'zod';

/**
 * Finds the schemas at a path in a value. For a union, includes the schema of each choice that may be intended.
 * @param value the whole value; its discriminators select the choices
 */
export function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): z.core.$ZodType[] {
  const choices = choicesOf(schema, value);
  const [key, ...rest] = path;
  if (key === undefined) return choices;
  const inner = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return choices.flatMap((choice) => {
    const next = memberOf(choice, key);
    return next === undefined ? [] : schemasAt(next, rest, inner);
  });
}

/** Unwraps a schema. For a union, returns its choices, without those whose literals contradict the value. */
export function choicesOf(schema: z.core.$ZodType, value?: unknown): z.core.$ZodType[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodUnion)) return [inner];
  const choices = inner.options.flatMap((option) => choicesOf(option, value));
  if (!(inner instanceof z.ZodDiscriminatedUnion)) return choices;
  const { discriminator } = inner.def;
  const name = typeof value === 'object' && value !== null ? Reflect.get(value, discriminator) : undefined;
  const meant = choices.filter((choice) => choice instanceof z.ZodObject && wordsOf(choice.shape[discriminator]).includes(name));
  return meant.length > 0 ? meant : choices;
}

/** Returns the values that an enum or a literal accepts. Empty for any other schema. */
export function wordsOf(schema: z.core.$ZodType | undefined): unknown[] {
  const inner = schema && unwrap(schema);
  if (inner instanceof z.ZodEnum) return inner.options;
  return inner instanceof z.ZodLiteral ? [...inner.values] : [];
}

function memberOf(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, key) ? schema.shape[String(key)] : undefined;
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodTuple) return schema.def.items[Number(key)];
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  if (isWrapper) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodPipe) return unwrap(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  return schema;
}
