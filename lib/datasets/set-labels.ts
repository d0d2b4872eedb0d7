import type { DatasetVersion, LabelOrigin, ManifestRow } from '../contracts/dataset.ts';
import type { ImageLabel, LabelledVersion, SetLabels } from '../contracts/dataset-http.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { World } from '../ports.ts';
import { describeVersion, isOfImport } from './checks/describe-version.ts';
import { countClasses, countUnlabelled, taskOfRows } from './checks/summarize-rows.ts';
import { commitVersion } from './commit-version.ts';
import { hasSameLabels } from './has-same-labels.ts';
import { assignPool } from './splits/assign-pool.ts';
import { type Rows, rowsFrom } from './tables/rows.ts';
import { REQUEST_PATIENCE_MS } from './uploads/removal-marks.ts';
import { withOwnUpload } from './uploads/with-own-upload.ts';
import { findVersion, readVersions, requireLatest, versionChanged } from './versions/dataset-store.ts';
import { importedLabels } from './versions/imported-labels.ts';
import { manifestDigest } from './versions/manifest.ts';
import { onLatest } from './versions/on-latest.ts';
import { recallManifest, rememberManifest } from './versions/recent-manifests.ts';
import { readOrigins, readReport, type StoredOrigin } from './versions/report-store.ts';

/** Most images of a data set whose labels are set: the request reads all of them, in less than an API request may take. */
const MOST_IMAGES = 100_000;

/**
 * Sets or confirms labels of images of a data set's latest version, as a new version that shares all bytes with it. Who
 * set or confirmed each label, and when, is stored beside the report of the new version. A repeated request finds the version that it made.
 * @param name of the data set
 * @throws NotFoundError as `openDataset`, LABEL_IMAGE_NOT_FOUND; ConflictError LABELS_CHANGE_TASK, LABELLING_UNSUPPORTED,
 * DATASET_VERSION_CHANGED if `base` is no longer the latest version
 */
export function setLabels(
  name: string,
  { base, labels }: SetLabels,
  world: Pick<World, 'store' | 'clock'>,
): Promise<LabelledVersion> {
  if (base !== undefined) return setLabelsOf(base, name, labels, world);
  return onLatest(name, world.store, async (latest) => {
    const { digest } = latest ?? (await findVersion(name, world.store));
    return setLabelsOf(digest, name, labels, world);
  });
}

async function setLabelsOf(
  base: string,
  name: string,
  labels: readonly ImageLabel[],
  world: Pick<World, 'store' | 'clock'>,
): Promise<LabelledVersion> {
  const { store, clock } = world;
  const versions = await readVersions(name, store);
  const latest = versions.at(-1) ?? (await findVersion(name, store));
  const version = versions.find(({ digest }) => digest === base);
  if (version === undefined) throw versionChanged(name, base, latest.digest);
  requireSupported(name, version);
  const before = await recallManifest(base, store);
  const wanted = findImages(name, before, labels);
  const rows = relabel(before, wanted);
  requireSameTask(name, before, rows, wanted);
  const changed = [...wanted.keys()].filter((number) => isChanged(before.at(number), rows.at(number)));
  const digest = manifestDigest(rows);
  // The latest version is what this request asks for: an earlier attempt made it.
  if (digest !== latest.digest) {
    requireLatest(name, base, [latest]);
    const at = clock.now().toISOString();
    const set = changed.flatMap((number) => {
      const [was, row] = [before.at(number), rows.at(number)];
      const source = wanted.get(number)?.source ?? 'person';
      return was === undefined || row === undefined ? [] : [{ was, row, given: { source, at } }];
    });
    const origins = changeOrigins(await readOrigins({ name, digest: base }, store), set);
    await addVersion({ name, version, digest, rows, origins }, world);
    // The page that set the labels asks for this version next.
    await rememberManifest(digest, rows, store);
  }
  return summary(name, digest, rows, changed.length);
}

function relabel(before: Rows, wanted: ReadonlyMap<number, ImageLabel>): Rows {
  const rows = rowsFrom(before.length, (number) => {
    const row = before.at(number);
    const label = wanted.get(number);
    return row === undefined || label === undefined ? row : relabelled(row, label);
  });
  return assignPool(rows, { isNew: false });
}

interface LabelledRows {
  readonly name: string;
  /** The version that the rows come from. */
  readonly version: DatasetVersion;
  readonly digest: string;
  readonly rows: Rows;
  readonly origins: ReadonlyMap<string, StoredOrigin>;
}

async function addVersion(
  { name, version, digest, rows, origins }: LabelledRows,
  world: Pick<World, 'store' | 'clock'>,
): Promise<void> {
  const { store } = world;
  const { refused, warnings } = await readReport(`${name}@${version.digest}`, store);
  const report = describeVersion(name, digest, rows, refused, warnings.filter(isOfImport));
  // The base refers to all images until the new version does.
  const stored = rowsFrom(0, () => undefined);
  const added = { rows, stored, report, latest: version, hasImagesOfLatest: true, origins };
  await withOwnUpload(name, world, (upload) =>
    commitVersion(upload, added, world, { patienceMs: REQUEST_PATIENCE_MS, keepsReport: true }),
  );
}

interface ChangedLabels {
  readonly was: ManifestRow;
  readonly row: ManifestRow;
  /** The origin of what the request sets or confirms. */
  readonly given: LabelOrigin;
}

/** The origins of labels after a request, by path. */
function changeOrigins(
  before: ReadonlyMap<string, StoredOrigin>,
  changed: readonly ChangedLabels[],
): ReadonlyMap<string, StoredOrigin> {
  const origins = new Map(before);
  for (const change of changed) {
    const { path } = change.row;
    const origin = originAfter(before.get(path), change);
    if (origin === undefined) origins.delete(path);
    else origins.set(path, origin);
  }
  return origins;
}

/**
 * Labels whose confirmation is taken back have the origin that they had without it. An image that loses its labels has no
 * origin if no import named any. Otherwise, also if that is unknown, the next import must not set them again.
 */
function originAfter(known: StoredOrigin | undefined, { was, row, given }: ChangedLabels): StoredOrigin | undefined {
  const labels = importedLabels(was, known);
  const imported = labels === undefined ? {} : { imported: labels && [...labels] };
  if (row.unlabelled === true) return labels === null ? undefined : { ...given, ...imported };
  if (!hasSameLabels(was, row)) return { ...given, ...imported };
  if (row.confirmed === true) return { ...given, before: known ? { source: known.source, at: known.at } : null, ...imported };
  if (known?.before === undefined) return known;
  return known.before === null ? undefined : { ...known.before, ...imported };
}

function requireSupported(name: string, { images }: DatasetVersion): void {
  if (images <= MOST_IMAGES) return;
  throw new ConflictError('LABELLING_UNSUPPORTED', {
    at: name,
    expected: `a data set of at most ${MOST_IMAGES} images`,
    received: `${images} images`,
    fix: 'write the labels into a manifest, and import the data set with it',
  });
}

/**
 * Several labels of one image, or none, make a data set multi-label: not while other images have been labelled with one
 * label each.
 */
function requireSameTask(name: string, before: Rows, after: Rows, wanted: ReadonlyMap<number, ImageLabel>): void {
  if (taskOfRows(after) === 'single-label') return;
  const others = [...before].filter(({ unlabelled }, number) => unlabelled !== true && !wanted.has(number));
  if (others.length === 0 || taskOfRows(others) === 'multi-label') return;
  const first = [...wanted.values()].find(({ labels }) => labels !== null && labels.length !== 1);
  throw new ConflictError('LABELS_CHANGE_TASK', {
    at: name,
    expected: 'one label for each image, as the other images of this data set have',
    received: first === undefined ? 'other labels' : `${first.labels?.length ?? 0} labels for ${first.image}`,
    fix: 'send one label for each image; for several labels, import the data set with a manifest that has a column labels',
  });
}

function summary(dataset: string, digest: string, rows: Rows, changed: number): LabelledVersion {
  const unlabelled = countUnlabelled(rows);
  return { dataset, digest, changed, labelled: rows.length - unlabelled, unlabelled, classes: countClasses(rows) };
}

/** The row numbers of the named images; if an image is named twice, the last label counts. */
function findImages(name: string, rows: Rows, labels: readonly ImageLabel[]): Map<number, ImageLabel> {
  const numbers = new Map<string, number[]>(labels.map(({ image }) => [image, []]));
  const byContent = new Map<string, number[]>(labels.map(({ image }) => [image, []]));
  for (const [number, { path, sha256 }] of rows.map((row, number) => [number, row] as const)) {
    if (numbers.has(path)) numbers.set(path, [number]);
    byContent.get(sha256)?.push(number);
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

/** An image that loses its label becomes a training image (`assignPool`): its next label may be a model's suggestion. */
function relabelled(before: ManifestRow, { labels, confirmed: wanted }: ImageLabel): ManifestRow {
  const { unlabelled: _, confirmed: __, ...row } = before;
  if (labels === null) return { ...row, labels: [], unlabelled: true };
  const after = { ...row, labels: [...new Set(labels.map((label) => label.normalize('NFC')))].sort() };
  // A confirmation is of these labels: it does not outlive them.
  const isConfirmed = wanted ?? (before.confirmed === true && hasSameLabels(before, after));
  return { ...after, ...(isConfirmed && { confirmed: true as const }) };
}

function isChanged(before: ManifestRow | undefined, after: ManifestRow | undefined): boolean {
  return !hasSameLabels(before, after) || before?.confirmed !== after?.confirmed;
}
