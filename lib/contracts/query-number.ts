import { z } from 'zod';

/** Numbers in JSON syntax. JavaScript's Number() would also accept "0x10", " 1" and "". */
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Parses a number from a path or a query string. */
export function queryNumber<Schema extends z.ZodNumber>(schema: Schema) {
  return z.preprocess((text) => (typeof text === 'string' && NUMBER.test(text) ? Number(text) : text), schema);
}

/**
 * Parses an optional whole number. JSON Schema has no default for preprocessed values, so the default is set
 * separately.
 */
export function queryIntegerOr(schema: z.ZodInt, value: number) {
  return queryNumber(schema)
    .default(value)
    .meta({ override: { default: value } });
}

/** Parses `true` or `false` from a query string. */
export function queryFlag() {
  return z.preprocess((text) => (text === 'true' || text === 'false' ? text === 'true' : text), z.boolean());
}

/** Parses a list of whole numbers from 0, separated by commas, from a query string. */
export function queryIntegers(most: number) {
  const numbers = z.array(z.int().min(0)).min(1).max(most);
  const parse = (text: unknown) =>
    typeof text === 'string' ? text.split(',').map((part) => (NUMBER.test(part) ? Number(part) : part)) : text;
  // In a query it is one string.
  return z.preprocess(parse, numbers).meta({ override: { type: 'string', pattern: '^[0-9]+(,[0-9]+)*$' } });
}
