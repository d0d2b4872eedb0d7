import { z } from 'zod';

/** `name`, `name:latest` or `name@sha256-...`. A digest may be shortened to 8 or more digits if it is unambiguous. */
export const DatasetRef = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}(?:@sha256-[0-9a-f]{8,64}|:latest)?$/, 'expected NAME, NAME:latest or NAME@sha256-DIGEST');

/** `name` (the latest version), `name@3` or `name:alias`. */
export const ModelRef = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}(?:@[1-9][0-9]{0,8}|:[a-z][a-z0-9-]{0,31})?$/, 'expected NAME, NAME@VERSION or NAME:ALIAS');

/** The same of a model that was trained, and not `imagenet.NAME`. */
export const TrainedModelRef = z
  .string()
  .regex(
    /^(?!imagenet\.)[a-z0-9][a-z0-9._-]{0,63}(?:@[1-9][0-9]{0,8}|:[a-z][a-z0-9-]{0,31})?$/,
    'expected NAME, NAME@VERSION or NAME:ALIAS of a model that was trained',
  );

/**
 * The parts of a reference to a data set or a model. Without a version or an alias, it refers to the latest version.
 */
export interface Reference {
  readonly name: string;
  /** After `@`: a model's version number, or a data set's digest or a prefix of it. */
  readonly version?: string;
  /** After `:`. */
  readonly alias?: string;
}

/**
 * Splits `NAME`, `NAME@VERSION` or `NAME:ALIAS` into its parts.
 * @returns undefined if the text has another form
 */
export function parseReference(text: string): Reference | undefined {
  const [, name, version, alias] = /^([^@:/]+)(?:@([^@:]+)|:([^@:]+))?$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return { name, ...(version !== undefined && { version }), ...(alias !== undefined && { alias }) };
}

/** Returns the name in a reference. A text of another form is returned unchanged. */
export function referencedName(text: string): string {
  return parseReference(text)?.name ?? text;
}

/** Prefix of the names of pretrained models: backbones with their original ImageNet top. */
const IMAGENET = 'imagenet.';

/** Returns the name of the model for a backbone with its original ImageNet top. */
export function imagenetModelName(backbone: string): string {
  return `${IMAGENET}${backbone}`;
}

/**
 * Returns the backbone of a model `imagenet.NAME`.
 * @param name without version and alias
 * @returns undefined for a model that was trained
 */
export function imagenetBackbone(name: string): string | undefined {
  return name.startsWith(IMAGENET) ? name.slice(IMAGENET.length) : undefined;
}
