import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { JobResult } from '../contracts/job.ts';
import { EpochRecord, ModelCard } from '../contracts/model-card.ts';
import type { JobAttempt, ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';
import { referenceFiles } from './reference-files.ts';
import type { ReferencePredictions } from './reference-predictions.ts';
import { reportFiles } from './report-files.ts';
import { digestOf, type PackageRef, packageJson, readPackageFile, requirePublished } from './served-package.ts';

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

/**
 * Returns a new prefix of a package. Each worker has its own, also if two of them work on one attempt: files of two
 * packages never mix, and none replaces the card of a version.
 */
export function newPackagePrefix(model: string, { job, attempt }: JobAttempt): string {
  return `${attemptPackages(model, { job, attempt })}-${randomUUID().slice(0, 8)}/`;
}

/** Tells whether an attempt wrote a package. Earlier versions of Graft wrote one for each attempt. */
export function isPackageOf(prefix: string, model: string, attempt: JobAttempt): boolean {
  const common = attemptPackages(model, attempt);
  return prefix.startsWith(`${common}-`) || prefix === `${common}/`;
}

function attemptPackages(model: string, { job, attempt }: JobAttempt): string {
  return `${storeKeys.models.prefix}${model}/${job}-${attempt}`;
}

/**
 * Writes a package under a new prefix. The package is invisible until publishVersion(). The card has the digests of all
 * other files, and the version that of the card, so that a change of any of them can be found.
 * @returns the prefix, and the SHA-256 of the card
 * @throws ZodError, before it writes anything, if a document of the package could not be read again
 */
export async function writePackage(
  { card, onnx, history, references, scores, result }: ModelPackage,
  attempt: number,
  store: ObjectStore,
): Promise<Required<PackageRef>> {
  const prefix = newPackagePrefix(card.model, { job: card.job, attempt });
  // A job that has published a package which cannot be read could neither end nor take it back.
  ModelCard.parse(card);
  PackagedResult.parse(result);
  EpochRecord.array().parse(history);
  await store.put(`${prefix}model.onnx`, onnx);
  const files = new Map([
    ['labels.json', packageJson(card.labels)],
    ['history.json', packageJson(history)],
    ...(references === undefined
      ? []
      : ([
          [referenceFiles.images, references.images],
          [referenceFiles.predictions, packageJson(references.predictions)],
        ] as const)),
    ...(scores === undefined ? [] : [[reportFiles.scores, scores] as const]),
    ['result.json', packageJson(result)],
  ]);
  for (const [name, bytes] of files) await store.put(`${prefix}${name}`, bytes);
  const digests = Object.fromEntries([...files].map(([name, bytes]) => [name, digestOf(bytes)]));
  const written = packageJson({ ...card, files: digests });
  await store.put(`${prefix}card.json`, written);
  return { package: prefix, cardDigest: digestOf(written) };
}

/**
 * Reads a package's card.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE; MODEL_PACKAGE_DAMAGED if it is not the
 * card that was published
 */
export function readCard(version: PackageRef, store: ObjectStore): Promise<ModelCard> {
  return readCardAs(version, ModelCard, store);
}

const DigestedCard = ModelCard.pick({ files: true }).strip();

/**
 * Reads the SHA-256 of a package's files, in hexadecimal, by name. Empty for a version of an earlier release.
 * @throws as readCard
 */
export async function readDigests(version: PackageRef, store: ObjectStore): Promise<Readonly<Record<string, string>>> {
  const { files = {} } = await readCardAs(version, DigestedCard, store);
  return files;
}

async function readCardAs<Schema extends z.ZodType>(
  { package: prefix, cardDigest }: PackageRef,
  schema: Schema,
  store: ObjectStore,
): Promise<z.infer<Schema>> {
  const key = `${prefix}card.json`;
  const bytes = await readPackageFile(key, store);
  requirePublished(bytes, cardDigest, key);
  return decodeDocument(schema, key, bytes).value;
}

const PackagedResult = JobResult.omit({ version: true, package: true });

/**
 * Reads a package's job result.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE
 */
export async function readResult(prefix: string, store: ObjectStore): Promise<Omit<JobResult, 'version' | 'package'>> {
  const key = `${prefix}result.json`;
  return decodeDocument(PackagedResult, key, await readPackageFile(key, store)).value;
}

/**
 * Reads the epochs of a package's training.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE
 */
export async function readHistory(prefix: string, store: ObjectStore): Promise<readonly EpochRecord[]> {
  const key = `${prefix}history.json`;
  return decodeDocument(EpochRecord.array(), key, await readPackageFile(key, store)).value;
}
