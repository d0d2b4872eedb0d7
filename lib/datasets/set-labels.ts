import type { LabelOrigin, ManifestRow } from '../contracts/dataset.ts';
import type { ImageLabel, LabelledVersion, SetLabels } from '../contracts/http.ts';
import { NotFoundError } from '../errors.ts';
import type { World } from '../ports.ts';
import { describeVersion } from './checks/describe-version.ts';
import { countClasses, countUnlabelled } from './checks/summarize-rows.ts';
import { commitVersion } from './commit-version.ts';
import { type Rows, rowsFrom } from './tables/rows.ts';
import { changeUpload, ended, endUpload, openUpload } from './uploads/upload-record.ts';
import { findVersion, requireLatest } from './versions/dataset-store.ts';
import { manifestDigest, readManifest } from './versions/manifest.ts';
import { readOrigins, readReport } from './versions/report-store.ts';

/**
 * Sets labels of images of a data set's latest version, as a new version that shares all bytes with it. Who set each
 * label, and when, is stored beside the report of the new version.
 * @param name of the data set
 * @throws NotFoundError as `openDataset`, LABEL_IMAGE_NOT_FOUND; ConflictError DATASET_VERSION_CHANGED if `base` is no
 * longer the latest version, or another request made a version meanwhile
 */
export async function setLabels(
  name: string,
  { base, labels }: SetLabels,
  world: Pick<World, 'store' | 'clock'>,
): Promise<LabelledVersion> {
  const { store, clock } = world;
  const { name: _, ...version } = await findVersion(name, store);
  if (base !== undefined) requireLatest(name, base, [version]);
  const before = await readManifest(version.digest, store);
  const wanted = findImages(name, before, labels);
  const rows = rowsFrom(before.length, (number) => {
    const row = before.at(number);
    const label = wanted.get(number);
    return row === undefined || label === undefined ? row : relabelled(row, label);
  });
  const changed = [...wanted.keys()].filter((number) => isChanged(before.at(number), rows.at(number)));
  const digest = manifestDigest(rows);
  if (digest !== version.digest) {
    const origins = new Map(await readOrigins({ name, digest: version.digest }, store));
    const at = clock.now().toISOString();
    for (const number of changed) setOrigin(origins, rows.at(number), { source: wanted.get(number)?.source ?? 'person', at });
    const { refused } = await readReport(store, `${name}@${version.digest}`);
    const report = describeVersion(name, digest, rows, refused, []);
    const { id } = await openUpload({ name, maxRefused: 0, state: 'IMPORTING' }, world);
    try {
      // The base refers to all images until the new version does.
      const stored = rowsFrom(0, () => undefined);
      await commitVersion(id, { rows, stored, report, base: version, origins }, world);
      await changeUpload(id, world, (current) => ended({ ...current, state: 'READY' }));
    } catch (error) {
      await endUpload(id, error, world);
      throw error;
    }
  }
  return summary(name, digest, rows, changed.length);
}

function summary(dataset: string, digest: string, rows: Rows, changed: number): LabelledVersion {
  const unlabelled = countUnlabelled(rows);
  return { dataset, digest, changed, labelled: rows.length - unlabelled, unlabelled, classes: countClasses(rows) };
}

/** The row numbers of the named images; if an image is named twice, the last label counts. */
function findImages(name: string, rows: Rows, labels: readonly ImageLabel[]): Map<number, ImageLabel> {
  const numbers = new Map<string, number[]>(labels.map(({ image }) => [image, []]));
  const byContent = new Map(numbers);
  for (const [number, { path, sha256 }] of rows.map((row, number) => [number, row] as const)) {
    if (numbers.has(path)) numbers.set(path, [number]);
    if (byContent.has(sha256)) byContent.set(sha256, [...(byContent.get(sha256) ?? []), number]);
  }
  const found = new Map<number, ImageLabel>();
  const missing: string[] = [];
  for (const label of labels) {
    const named = numbers.get(label.image) ?? [];
    const images = named.length > 0 ? named : (byContent.get(label.image) ?? []);
    if (images.length === 0) missing.push(label.image);
    for (const number of images) found.set(number, label);
  }
  if (missing.length === 0) return found;
  throw new NotFoundError('LABEL_IMAGE_NOT_FOUND', {
    at: name,
    expected: 'paths or SHA-256s of images of the latest version',
    received: missing,
    fix: 'list its images with GET /v1/datasets/NAME/images',
  });
}

/**
 * An image that loses its label stays out of the test set unless it was drawn for it: a label that it gets later may be
 * a model's suggestion.
 */
function relabelled({ unlabelled: _, ...row }: ManifestRow, { labels }: ImageLabel): ManifestRow {
  if (labels === null) return { ...row, labels: [], unlabelled: true, split: row.split ?? 'train' };
  return { ...row, labels: [...new Set(labels.map((label) => label.normalize('NFC')))].sort() };
}

function isChanged(before: ManifestRow | undefined, after: ManifestRow | undefined): boolean {
  return before?.unlabelled !== after?.unlabelled || before?.labels.join('\n') !== after?.labels.join('\n');
}

function setOrigin(origins: Map<string, LabelOrigin>, row: ManifestRow | undefined, origin: LabelOrigin): void {
  if (row === undefined) return;
  if (row.unlabelled === true) origins.delete(row.path);
  else origins.set(row.path, origin);
}
