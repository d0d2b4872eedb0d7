/**
 * The part of a model package that predictions read. It is a module of its own, so that a process that predicts does
 * not build the schemas of cards, job results and reports at its start.
 */
import { createHash } from 'node:crypto';
import type { ModelVersion } from '../contracts/model-version.ts';
import { ServedCard } from '../contracts/served-card.ts';
import { NotFoundError, RuntimeError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';

/**
 * Names of the input (images [N, height, width, 3], RGB 0..255) and the output (probabilities [N, labels]) in each
 * model.onnx. Packages of earlier versions use other names, so read the names from the graph.
 */
export const servedNames = { input: 'images', output: 'probabilities' } as const;
/** Name of the second output, novelty scores [N]. Only models whose card has a threshold for it have this output. */
export const NOVELTY_OUTPUT = 'novelty';

/**
 * Name of the third output of one-class models, maps [N, height, width]: how unlike each part of an image is. A part
 * with 1 is as unlike as the threshold allows.
 */
export const ANOMALY_MAP_OUTPUT = 'anomaly_map';

/** A package in the store, and the SHA-256 of its card, if it is known. */
export type PackageRef = Pick<ModelVersion, 'package' | 'cardDigest'>;

/** Returns the prefix of the model for a backbone with its original ImageNet top. */
export function imagenetPrefix(name: string): string {
  return `${storeKeys.imagenet.prefix}${name}/`;
}

/** Writes the files that predictions need. Writes the card last, so that its presence guarantees the graph. */
export async function writeServedModel(prefix: string, card: ServedCard, onnx: Uint8Array, store: ObjectStore): Promise<void> {
  await store.put(`${prefix}model.onnx`, onnx);
  await store.put(`${prefix}card.json`, packageJson(card));
}

/**
 * Reads the part of a card that predictions need.
 * @returns undefined if there is no such package
 * @throws RuntimeError DOCUMENT_UNREADABLE; MODEL_PACKAGE_DAMAGED if it is not the card that was published
 */
export async function readServedCard(
  { package: prefix, cardDigest }: PackageRef,
  store: ObjectStore,
): Promise<ServedCard | undefined> {
  const key = `${prefix}card.json`;
  const object = await store.get(key);
  if (object === undefined) return undefined;
  requirePublished(object.body, cardDigest, key);
  return parseServedCard(object.body, key);
}

/**
 * Parses the part of a card that predictions need.
 * @param at the card's key or path, for error messages
 * @throws RuntimeError DOCUMENT_UNREADABLE
 */
export function parseServedCard(card: Uint8Array, at: string): ServedCard {
  return decodeDocument(ServedCard, at, card).value;
}

/**
 * Reads a package's ONNX graph.
 * @throws NotFoundError MODEL_PACKAGE_MISSING
 */
export async function readOnnx(prefix: string, store: ObjectStore): Promise<Uint8Array> {
  return readPackageFile(`${prefix}model.onnx`, store);
}

/** Returns the SHA-256 in hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Reads a file of a package.
 * @throws NotFoundError MODEL_PACKAGE_MISSING
 */
export async function readPackageFile(key: string, store: ObjectStore): Promise<Uint8Array> {
  const object = await store.get(key);
  if (object !== undefined) return object.body;
  throw packageMissing(key);
}

export function packageMissing(key: string): NotFoundError {
  return new NotFoundError('MODEL_PACKAGE_MISSING', {
    at: key,
    expected: 'the files of the version',
    received: 'nothing',
    fix: 'train the model again, or use another version',
  });
}

/**
 * Verifies that a file of a package is the one that was published.
 * @param digest its SHA-256 in hexadecimal; undefined for a version of an earlier release
 * @param at its key
 * @throws RuntimeError MODEL_PACKAGE_DAMAGED
 */
export function requirePublished(file: Uint8Array, digest: string | undefined, at: string): void {
  if (digest === undefined || digestOf(file) === digest) return;
  throw new RuntimeError('MODEL_PACKAGE_DAMAGED', {
    at,
    expected: 'the file that was published, by its SHA-256',
    received: 'another one',
    fix: 'restore it from a backup, train the model again, or use another version',
  });
}

/**
 * Verifies that model.onnx is the file that the card names.
 * @param at its key, or another description of it
 * @param version NAME@VERSION, if it is known
 * @throws RuntimeError MODEL_PACKAGE_DAMAGED
 */
export function requireDigest(
  onnx: Uint8Array,
  modelDigest: string | undefined,
  { at, version = 'NAME@VERSION' }: { readonly at: string; readonly version?: string },
): void {
  if (modelDigest === undefined || digestOf(onnx) === modelDigest.replace(/^sha256-/, '')) return;
  throw new RuntimeError('MODEL_PACKAGE_DAMAGED', {
    at,
    expected: 'the SHA-256 in the card',
    received: 'another one',
    fix: `graft verify ${version} checks all files`,
  });
}

/**
 * Verifies that the graph has one output for each label of the card.
 * @param probabilities number of values that the graph returned for `images` images
 * @throws RuntimeError MODEL_PACKAGE_DAMAGED
 */
export function requireOutputPerLabel(
  { labels, model }: Pick<ServedCard, 'labels' | 'model'>,
  probabilities: number,
  images: number,
): void {
  if (probabilities === images * labels.length) return;
  throw new RuntimeError('MODEL_PACKAGE_DAMAGED', {
    at: `card.json of ${model}`,
    expected: `${probabilities / images} labels, one for each probability of model.onnx`,
    received: labels.length,
    fix: 'graft verify NAME@VERSION checks all files',
  });
}

/** Encodes a document of a package. */
export function packageJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
