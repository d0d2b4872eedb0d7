import { z } from 'zod';
import { choicesOf, wordsOf } from './schema-at.ts';

/** Describes in a few words what schemas accept: `one of linear, mlp, or a list of objects with layer`. */
export function describeSchemas(schemas: readonly z.core.$ZodType[]): string {
  const words = schemas.flatMap(wordsOf);
  const kinds = schemas.filter((schema) => wordsOf(schema).length === 0).map(kindOf);
  const listed = words.length === 0 ? [] : [words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`];
  return [...listed, ...objects(schemas), ...new Set(kinds.filter((kind) => kind !== ''))].join(', or ');
}

/** Describes all object schemas that differ only by a discriminator as one kind. */
function objects(schemas: readonly z.core.$ZodType[]): string[] {
  const found = schemas.filter((schema) => schema instanceof z.ZodObject);
  const [first] = found;
  if (first === undefined) return [];
  const named = Object.keys(first.shape).find((key) => found.every(({ shape }) => shape[key] instanceof z.ZodLiteral));
  if (named !== undefined) {
    const words = found.flatMap(({ shape }) => wordsOf(shape[named]));
    return [`an object whose ${named} is ${words.length === 1 ? '' : 'one of '}${words.join(', ')}`];
  }
  return found.map(({ shape }) => `an object with ${Object.keys(shape).join(', ')}`);
}

function kindOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodArray) return `a list, each ${describeSchemas(choicesOf(schema.element))}`;
  if (schema instanceof z.ZodTuple) return `a list of ${schema.def.items.length}`;
  if (schema instanceof z.ZodRecord) return `an object of names, each with ${describeSchemas(choicesOf(schema.valueType))}`;
  if (schema instanceof z.ZodNumber) return numberKind(schema);
  if (schema instanceof z.ZodString) return 'a text';
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodNull) return 'null';
  return schema instanceof z.ZodObject ? '' : 'a value';
}

function numberKind({ minValue, maxValue, format }: z.ZodNumber): string {
  const kind = format === 'safeint' ? 'a whole number' : 'a number';
  const [least, most] = [bound(minValue), bound(maxValue)];
  if (least !== undefined && most !== undefined) return `${kind} from ${least} to ${most}`;
  if (least !== undefined) return `${kind} of ${least} or more`;
  return most === undefined ? kind : `${kind} of at most ${most}`;
}

function bound(value: number | null): number | undefined {
  return value === null || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
}
