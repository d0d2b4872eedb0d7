/** The scores of a version's evaluated images, and which images these are. */
import type { ModelCard } from '../contracts/model-card.ts';
import { referencedName } from '../contracts/reference.ts';
import { readVersions } from '../datasets/versions/dataset-store.ts';
import { streamManifest } from '../datasets/versions/manifest.ts';
import { GraftError, NotFoundError } from '../errors.ts';
import { readDigests } from '../models/model-package.ts';
import { reportFiles } from '../models/report-files.ts';
import { type PackageRef, requirePublished } from '../models/served-package.ts';
import type { ObjectStore } from '../ports.ts';
import type { ImageName } from './measure/report-input.ts';
import { decodeScores, type ScoredImages } from './measure/scored-images.ts';

/**
 * Reads the scores of a version.
 * @throws NotFoundError MODEL_SCORES_MISSING; RuntimeError SCORES_UNREADABLE; MODEL_PACKAGE_DAMAGED if they are not those
 * that were published
 */
export async function requireScores(version: PackageRef, store: ObjectStore): Promise<ScoredImages> {
  const scored = await readScores(version, store);
  if (scored !== undefined) return scored;
  throw new NotFoundError('MODEL_SCORES_MISSING', {
    at: `${version.package}${reportFiles.scores}`,
    expected: 'the scores of the evaluated images',
    received: 'nothing',
    fix: 'train the model again, or restore the file from a backup: versions of earlier releases of Graft have no scores',
  });
}

/**
 * Reads the scores of a version.
 * @returns undefined if it has none
 * @throws RuntimeError SCORES_UNREADABLE; MODEL_PACKAGE_DAMAGED
 */
export async function readScores(version: PackageRef, store: ObjectStore): Promise<ScoredImages | undefined> {
  const key = `${version.package}${reportFiles.scores}`;
  const object = await store.get(key);
  if (object === undefined) return undefined;
  requirePublished(object.body, (await readDigests(version, store))[reportFiles.scores], key);
  return decodeScores(object.body, key);
}

/** The version of the data set that a version of a model was evaluated on: `NAME@DIGEST`. */
export function evaluatedDataset({ spec, datasetDigest }: ModelCard): string {
  return `${referencedName(spec.dataset)}@${datasetDigest}`;
}

/** Errors of a version whose scores, card or list of images are lost or damaged: another attempt cannot help. */
const UNREADABLE = [
  'MODEL_SCORES_MISSING',
  'SCORES_UNREADABLE',
  'MODEL_PACKAGE_MISSING',
  'MODEL_PACKAGE_DAMAGED',
  'DOCUMENT_UNREADABLE',
  'MANIFEST_CHANGED',
];

/** Whether an error means that the evaluation of a version cannot be read. */
export function isUnreadableEvaluation(error: unknown): error is GraftError {
  return error instanceof GraftError && UNREADABLE.includes(error.code);
}

/** Errors of a version of a data set that was deleted. */
const DELETED = ['DATASET_NOT_FOUND', 'DATASET_VERSION_NOT_FOUND', 'MANIFEST_MISSING', 'REPORT_MISSING'];

/** Whether an error means that a data set, or its version, was deleted. */
export function isDeletedDataset(error: unknown): boolean {
  return error instanceof GraftError && DELETED.includes(error.code);
}

/**
 * The scored images by their row, and some others by their path; none if the data set was deleted. Rows count only
 * labelled images, as `openDataset` does: a training leaves out the others, which stand between them in the manifest.
 * @throws RuntimeError MANIFEST_CHANGED
 */
export async function nameImages(
  card: Pick<ModelCard, 'spec' | 'datasetDigest'>,
  { rows }: ScoredImages,
  paths: ReadonlySet<string>,
  store: ObjectStore,
): Promise<{ images: ReadonlyMap<number, ImageName>; byPath: ReadonlyMap<string, string> }> {
  const images = new Map<number, ImageName>();
  const byPath = new Map<string, string>();
  const wanted = new Set(rows);
  let row = 0;
  try {
    for await (const { path, sha256, unlabelled } of streamManifest(card.datasetDigest, store)) {
      if (paths.has(path)) byPath.set(path, sha256);
      if (unlabelled === true) continue;
      if (wanted.has(row)) images.set(row, { path, sha256 });
      row++;
    }
  } catch (error) {
    if (!isDeletedDataset(error) && !(await lacksShards(error, card, store))) throw error;
    return { images: new Map(), byPath: new Map() };
  }
  return { images, byPath };
}

/** Whether an error means that the collector has removed a part of a deleted version's manifest. */
async function lacksShards(
  error: unknown,
  { spec, datasetDigest }: Pick<ModelCard, 'spec' | 'datasetDigest'>,
  store: ObjectStore,
): Promise<boolean> {
  if (!(error instanceof GraftError && error.code === 'MANIFEST_CHANGED')) return false;
  const versions = await readVersions(referencedName(spec.dataset), store);
  return versions.every(({ digest }) => digest !== datasetDigest);
}
