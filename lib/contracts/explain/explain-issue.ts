import { z } from 'zod';
import { describeSchemas } from './describe-schema.ts';
import { nearest } from './nearest.ts';
import { schemasAt, wordsOf } from './schema-at.ts';

/** Explains to a user why a value does not match a contract. */
export interface Explanation {
  readonly path: readonly PropertyKey[];
  readonly expected: string;
  readonly received: unknown;
  /** The probable intended value. Undefined if nothing is similar. */
  readonly meant?: string | undefined;
  /** The unknown keys, if they are the problem. */
  readonly unknown?: readonly string[];
}

type Issue = z.core.$ZodIssue;

/** Unknown keys that are compared with the known ones. A request may have thousands. */
const MOST_COMPARED = 20;

/**
 * Explains a zod issue. For a union, explains what the intended choice is missing. For an invalid word or key, lists
 * the valid ones.
 * @param schema the schema that parsed the value; without it, the explanation of keys is less specific
 */
export function explainIssue(issue: Issue, value: unknown, schema: z.core.$ZodType | undefined): Explanation {
  const { path } = issue;
  const received = at(value, path);
  const here = schema === undefined ? [] : schemasAt(schema, path, value);
  switch (issue.code) {
    case 'unrecognized_keys':
      return explainKeys(issue.keys, { path, received, here });
    case 'invalid_value':
      return { path, received, expected: oneOf(issue.values), meant: nearestWord(received, issue.values) };
    case 'invalid_union':
      return explainUnion(issue, value, { path, received, here, schema });
    case 'invalid_type':
      return explainType(issue, { path, received, here });
    case 'too_big':
    case 'too_small':
      return { path, received, expected: (isNumeric(issue.origin) && describeSchemas(here)) || wanted(issue.message) };
    default:
      return { path, received, expected: wanted(issue.message) };
  }
}

interface IssueContext {
  readonly path: readonly PropertyKey[];
  readonly received: unknown;
  readonly here: readonly z.core.$ZodType[];
}

function explainKeys(unknown: readonly string[], { path, received, here }: IssueContext): Explanation {
  const known = keysOf(here);
  const free = known.filter((key) => !Object.hasOwn(Object(received), key));
  const meant = unknown.slice(0, MOST_COMPARED).flatMap((key) => nearest(key, free) ?? []);
  const expected = known.length === 0 ? 'only known keys' : `only these keys: ${known.join(', ')}`;
  return { path, expected, received: unknown.join(', '), unknown, meant: meant.length > 0 ? meant.join(', ') : undefined };
}

function explainType({ message }: Issue, { path, received, here }: IssueContext): Explanation {
  const described = describeSchemas(here);
  const words = here.flatMap((schema) => [...discriminatorWords(schema), ...wordsOf(schema)]);
  return { path, received, expected: described === '' ? wanted(message) : described, meant: nearestWord(received, words) };
}

function explainUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  value: unknown,
  { path, received, here, schema }: IssueContext & { readonly schema: z.core.$ZodType | undefined },
): Explanation {
  if (issue.errors.length === 0) {
    const misspelt = received === undefined ? misspeltKey(path, value, schema) : undefined;
    if (misspelt !== undefined) return misspelt;
    // The discriminator has none of the valid values.
    const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : here.flatMap(wordsOf);
    return { path, received, expected: oneOf(options), meant: nearestWord(received, options) };
  }
  // For each choice that accepts this type, the issues of the value.
  const close = issue.errors.filter((issues) => !issues.some((one) => one.path.length === 0 && isOfType(one)));
  const keys = [
    ...new Set(close.flatMap((issues) => issues.flatMap((one) => (one.code === 'unrecognized_keys' ? one.keys : [])))),
  ];
  const known = keysOf(here);
  // If the value has only keys of one choice, the user meant that choice.
  const own = close.filter((issues) => !issues.some((one) => one.code === 'unrecognized_keys' && one.path.length === 0));
  const [only] = own.length === 1 ? own : close;
  if ((own.length === 1 || close.length === 1) && only !== undefined) return explainFirst(prefixed(only, path), value, schema);
  const strange = keys.filter((key) => !known.includes(key));
  if (strange.length > 0) return explainKeys(strange, { path, received, here });
  const words = here.flatMap(wordsOf);
  const expected = describeSchemas(here) || wanted(issue.message);
  return { path, received, expected: isOwn(issue) ? wanted(issue.message) : expected, meant: nearestWord(received, words) };
}

/** Finds the misspelt discriminator key where the discriminator is missing. */
function misspeltKey(path: readonly PropertyKey[], value: unknown, schema: z.core.$ZodType | undefined): Explanation | undefined {
  const outer = path.slice(0, -1);
  const received = at(value, outer);
  const here = schema === undefined ? [] : schemasAt(schema, outer, value);
  const known = keysOf(here);
  const unknown = Object.keys(Object(received)).filter((one) => !known.includes(one));
  const key = nearest(String(path.at(-1)), unknown.slice(0, MOST_COMPARED));
  return key === undefined ? undefined : { ...explainKeys([key], { path: outer, received, here }), meant: String(path.at(-1)) };
}

/** Explains the most informative issue. Prefers a misspelt key to the missing key that it causes. */
export function explainFirst(issues: readonly Issue[], value: unknown, schema: z.core.$ZodType | undefined): Explanation {
  const explained = issues.map((issue) => explainIssue(issue, value, schema));
  const misspelt = explained.find(({ unknown, meant }) => unknown !== undefined && meant !== undefined);
  const [first] = explained;
  const isMissing = first !== undefined && first.received === undefined && misspelt !== undefined;
  return (isMissing ? misspelt : first) ?? { path: [], expected: 'a valid request', received: value };
}

function prefixed(issues: readonly Issue[], path: readonly PropertyKey[]): Issue[] {
  return issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

/** Checks whether the issue is a wrong type or a wrong literal. */
function isOfType({ code }: Issue): boolean {
  return code === 'invalid_type' || code === 'invalid_value';
}

/** Checks whether the contract itself defines the message. */
function isOwn({ message }: Issue): boolean {
  return message.startsWith('expected ');
}

function isNumeric(origin: string): boolean {
  return origin === 'number' || origin === 'int';
}

function keysOf(schemas: readonly z.core.$ZodType[]): string[] {
  return [...new Set(schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])))];
}

/** Returns the discriminator values of an object schema, for a user who sent `adam` instead of `{"name": "adam"}`. */
function discriminatorWords(schema: z.core.$ZodType): unknown[] {
  return schema instanceof z.ZodObject
    ? Object.values(schema.shape).flatMap((member) => (member instanceof z.ZodLiteral ? wordsOf(member) : []))
    : [];
}

function nearestWord(received: unknown, words: readonly unknown[]): string | undefined {
  const texts = words.filter((word) => typeof word === 'string');
  return typeof received === 'string' && !texts.includes(received) ? nearest(received, texts) : undefined;
}

function oneOf(words: readonly unknown[]): string {
  return words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`;
}

/** Removes the leading "expected" from a message of zod or of Graft. */
function wanted(message: string): string {
  return message
    .replace(/^(?:[A-Z][a-z ]*: )?expected /, '')
    .replace(/^Invalid /, 'a valid ')
    .replace(/, received [^,]*$/, '');
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}
