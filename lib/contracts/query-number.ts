import { z } from 'zod';

/** As JSON writes numbers, and not as JavaScript reads them: "0x10", " 1" and "" are none. */
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** A number in a path or a query, where everything is text. */
export function queryNumber<Schema extends z.ZodNumber>(schema: Schema) {
  return z.preprocess((text) => (typeof text === 'string' && NUMBER.test(text) ? Number(text) : text), schema);
}

/** A whole number that may be left out. JSON Schema has no default for what becomes a number, so it is written beside it. */
export function queryIntegerOr(schema: z.ZodInt, value: number) {
  return queryNumber(schema)
    .default(value)
    .meta({ override: { default: value } });
}
