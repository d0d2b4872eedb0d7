import { z } from 'zod';

/** A member of a contract, as people must know it. */
export interface Member {
  /** `backbone.inputSize` */
  readonly path: string;
  readonly required: boolean;
  /** As JSON, but texts without quotes. */
  readonly default: string | undefined;
  /** What it may be, part by part: `1 to 2048`, `` `auto` ``. Empty where words must do. */
  readonly range: readonly string[];
}

/** A choice of a contract: a layer, an optimizer. */
export interface Variant {
  readonly name: string;
  readonly members: readonly Member[];
}

type Schema = z.core.JSONSchema.JSONSchema;

/**
 * The members that hold a value; an object's members stand for it.
 * @param given values for the members that must be given: all others then show their defaults
 */
export function membersOf(contract: z.ZodType<object>, given: object): Member[] {
  const entries = Object.entries(contract.parse(given));
  return walk(jsonSchema(contract), '', Object.fromEntries(entries.filter(([name]) => !(name in given))));
}

/** The choices of a union whose members have a name in `key`. */
export function variantsOf(contract: z.ZodType, key: string): Variant[] {
  return choices(jsonSchema(contract)).map((schema) => ({
    name: String(asSchema(schema.properties?.[key]).const),
    members: walk(schema, '').filter(({ path }) => path !== key),
  }));
}

function jsonSchema(contract: z.ZodType): Schema {
  return z.toJSONSchema(contract, { io: 'input', reused: 'inline' }) as Schema;
}

/** @param written the defaults of this object, written out; without it those that the members state themselves */
function walk({ properties = {}, required = [] }: Schema, prefix: string, written?: unknown): Member[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const schema = asSchema(property);
    const path = `${prefix}${name}`;
    const value = written === undefined ? schema.default : (written as Record<string, unknown>)[name];
    const inner = objectIn(schema);
    if (inner !== undefined) return walk(inner, `${path}.`, value ?? {});
    const must = value === undefined && required.includes(name);
    return [{ path, required: must, default: defaultText(schema, value), range: rangeOf(schema) }];
  });
}

/** The object that a schema is, or is where it is not null. */
function objectIn(schema: Schema): Schema | undefined {
  if (schema.properties !== undefined) return schema;
  const others = choices(schema).filter(({ type }) => type !== 'null');
  return others.length === 1 ? objectIn(others[0]!) : undefined;
}

function defaultText(schema: Schema, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  // Of a choice with a name, the name says it.
  const { name } = value as { name?: string };
  return namesOf(schema).length > 0 && name !== undefined ? name : JSON.stringify(value);
}

function rangeOf(schema: Schema): string[] {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``);
  if (namesOf(schema).length > 0) return namesOf(schema).map((name) => `\`${name}\``);
  if (choices(schema).length > 0) return choices(schema).flatMap(rangeOf);
  if (schema.type === 'boolean') return ['`true`', '`false`'];
  if (schema.type === 'number' || schema.type === 'integer') return [bounds(schema)];
  if (schema.type === 'array' && schema.maxItems !== undefined && schema.items) return [`at most ${schema.maxItems}`];
  return typeof schema.additionalProperties === 'object' ? rangeOf(schema.additionalProperties) : [];
}

function bounds({ minimum, exclusiveMinimum: above, maximum, exclusiveMaximum: below }: Schema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (above !== undefined && below !== undefined) return `between ${above} and ${below}`;
  if (above !== undefined) return most === undefined ? `above ${above}` : `above ${above}, at most ${most}`;
  if (below !== undefined) return `${minimum} to below ${below}`;
  return most === undefined ? `${minimum} or more` : `${minimum} to ${most}`;
}

function namesOf(schema: Schema): string[] {
  return choices(schema)
    .flatMap(({ properties }) => asSchema(properties?.name).const ?? [])
    .map(String);
}

function choices({ anyOf = [], oneOf = [] }: Schema): Schema[] {
  return [...anyOf, ...oneOf].map(asSchema);
}

function asSchema(schema: z.core.JSONSchema._JSONSchema | undefined): Schema {
  return typeof schema === 'object' ? schema : {};
}
