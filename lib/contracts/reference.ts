import { z } from 'zod';

/** `name`, `name:latest` or `name@sha256-...`; a digest may be shortened to 8 digits where that is unambiguous. */
export const DatasetRef = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}(?:@sha256-[0-9a-f]{8,64}|:latest)?$/, 'expected NAME, NAME:latest or NAME@sha256-DIGEST');

/** `name` (its latest version), `name@3` or `name:alias`. */
export const ModelRef = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}(?:@[1-9][0-9]{0,8}|:[a-z][a-z0-9-]{0,31})?$/, 'expected NAME, NAME@VERSION or NAME:ALIAS');

/** The parts of a reference to a data set or a model. It has a version, an alias, or neither, which means the latest version. */
export interface Reference {
  readonly name: string;
  /** After `@`: a model's number; a data set's digest or the beginning of it. */
  readonly version?: string;
  /** After `:`. */
  readonly alias?: string;
}

/** Splits `NAME`, `NAME@VERSION` or `NAME:ALIAS`. @returns undefined for a text of another form */
export function parseReference(text: string): Reference | undefined {
  const [, name, version, alias] = /^([^@:/]+)(?:@([^@:]+)|:([^@:]+))?$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return { name, ...(version !== undefined && { version }), ...(alias !== undefined && { alias }) };
}

/** The name in a reference; a text of another form is taken as the name. */
export function referencedName(text: string): string {
  return parseReference(text)?.name ?? text;
}

/** Begins the names of models that nobody trained here: backbones with their own ImageNet top. */
const IMAGENET = 'imagenet.';

/** The name of the model that is a backbone with its own ImageNet top. */
export function imagenetModelName(backbone: string): string {
  return `${IMAGENET}${backbone}`;
}

/** The backbone of a model `imagenet.NAME`; undefined for a model that was trained. @param name without version and alias */
export function imagenetBackbone(name: string): string | undefined {
  return name.startsWith(IMAGENET) ? name.slice(IMAGENET.length) : undefined;
}
