import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { JobResult } from '../contracts/job.ts';
import { EpochRecord, ModelCard } from '../contracts/model.ts';
import type { ModelVersion } from '../contracts/model-version.ts';
import { NotFoundError, RuntimeError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';
import { referenceFiles } from './reference-files.ts';
import type { ReferencePredictions } from './reference-predictions.ts';
import { reportFiles } from './report-files.ts';

/** The part of a model card that predictions need. */
const ServedCard = ModelCard.pick({
  model: true,
  task: true,
  labels: true,
  calibration: true,
  thresholds: true,
  novelty: true,
  abstention: true,
  input: true,
})
  // Absent in the card of a backbone with its own ImageNet top.
  .extend({ modelDigest: ModelCard.shape.modelDigest.optional() })
  .strip();
export type ServedCard = z.infer<typeof ServedCard>;

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

/** The files of a model version, all under one prefix. */
export interface ModelPackage {
  /** Without the digests of the other files, which `writePackage` adds. */
  readonly card: ModelCard;
  /** The complete model in standard ONNX operators: preprocessing, trunk, head and softmax in one graph. */
  readonly onnx: Uint8Array;
  readonly history: readonly EpochRecord[];
  /** Undefined if no image could be read. */
  readonly references?: ReferencePredictions | undefined;
  /** Scores of the evaluated images, encoded. Undefined if the job could not make them. */
  readonly scores?: Uint8Array | undefined;
  /** The job's result, without the members that are known only after publication. */
  readonly result: Omit<JobResult, 'version' | 'package'>;
}

/** A package in the store, and the SHA-256 of its card, if it is known. */
export type PackageRef = Pick<ModelVersion, 'package' | 'cardDigest'>;

/**
 * Writes a package. Each attempt has its own prefix, so files of different attempts never mix. The package is invisible
 * until publishVersion(). The card has the digests of all other files, and the version that of the card, so that a
 * change of any of them can be found.
 * @returns the prefix, and the SHA-256 of the card
 * @throws ZodError, before it writes anything, if a document of the package could not be read again
 */
export async function writePackage(
  store: ObjectStore,
  attempt: number,
  { card, onnx, history, references, scores, result }: ModelPackage,
): Promise<Required<PackageRef>> {
  const prefix = `${storeKeys.models.prefix}${card.model}/${card.job}-${attempt}/`;
  // A job that has published a package which cannot be read could neither end nor take it back.
  ModelCard.parse(card);
  PackagedResult.parse(result);
  EpochRecord.array().parse(history);
  await store.put(`${prefix}model.onnx`, onnx);
  const files = new Map([
    ['labels.json', json(card.labels)],
    ['history.json', json(history)],
    ...(references === undefined
      ? []
      : ([
          [referenceFiles.images, references.images],
          [referenceFiles.predictions, json(references.predictions)],
        ] as const)),
    ...(scores === undefined ? [] : [[reportFiles.scores, scores] as const]),
    ['result.json', json(result)],
  ]);
  for (const [name, bytes] of files) await store.put(`${prefix}${name}`, bytes);
  const digests = Object.fromEntries([...files].map(([name, bytes]) => [name, digestOf(bytes)]));
  const written = json({ ...card, files: digests });
  await store.put(`${prefix}card.json`, written);
  return { package: prefix, cardDigest: digestOf(written) };
}

/** Returns the prefix of the model for a backbone with its original ImageNet top. */
export function imagenetPrefix(name: string): string {
  return `${storeKeys.imagenet.prefix}${name}/`;
}

/** Writes the files that predictions need. Writes the card last, so that its presence guarantees the graph. */
export async function writeServedModel(store: ObjectStore, prefix: string, card: ServedCard, onnx: Uint8Array): Promise<void> {
  await store.put(`${prefix}model.onnx`, onnx);
  await store.put(`${prefix}card.json`, json(card));
}

/**
 * Reads the part of a card that predictions need.
 * @returns undefined if there is no such package
 * @throws RuntimeError DOCUMENT_UNREADABLE; MODEL_PACKAGE_DAMAGED if it is not the card that was published
 */
export async function readServedCard(
  store: ObjectStore,
  { package: prefix, cardDigest }: PackageRef,
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
 * Reads a package's card.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE; MODEL_PACKAGE_DAMAGED if it is not the
 * card that was published
 */
export function readCard(store: ObjectStore, version: PackageRef): Promise<ModelCard> {
  return readCardAs(ModelCard, store, version);
}

const DigestedCard = ModelCard.pick({ files: true }).strip();

/**
 * Reads the SHA-256 of a package's files, in hexadecimal, by name. Empty for a version of an earlier release.
 * @throws as readCard
 */
export async function readDigests(store: ObjectStore, version: PackageRef): Promise<Readonly<Record<string, string>>> {
  const { files = {} } = await readCardAs(DigestedCard, store, version);
  return files;
}

async function readCardAs<Schema extends z.ZodType>(
  schema: Schema,
  store: ObjectStore,
  { package: prefix, cardDigest }: PackageRef,
): Promise<z.infer<Schema>> {
  const key = `${prefix}card.json`;
  const bytes = await part(store, key);
  requirePublished(bytes, cardDigest, key);
  return decodeDocument(schema, key, bytes).value;
}

const PackagedResult = JobResult.omit({ version: true, package: true });

/**
 * Reads a package's job result.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE
 */
export async function readResult(store: ObjectStore, prefix: string): Promise<Omit<JobResult, 'version' | 'package'>> {
  const key = `${prefix}result.json`;
  return decodeDocument(PackagedResult, key, await part(store, key)).value;
}

/**
 * Reads the epochs of a package's training.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE
 */
export async function readHistory(store: ObjectStore, prefix: string): Promise<readonly EpochRecord[]> {
  const key = `${prefix}history.json`;
  return decodeDocument(EpochRecord.array(), key, await part(store, key)).value;
}

/**
 * Reads a package's ONNX graph.
 * @throws NotFoundError MODEL_PACKAGE_MISSING
 */
export async function readOnnx(store: ObjectStore, prefix: string): Promise<Uint8Array> {
  return part(store, `${prefix}model.onnx`);
}

/** Returns the SHA-256 in hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function part(store: ObjectStore, key: string): Promise<Uint8Array> {
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
export function requireLabels(
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

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
