/** The features that a job will find in the store, because an earlier one has computed them. */
import { findWeightsId } from '../backbones/find-weights-id.ts';
import { mapInOrder } from '../concurrency.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { BackboneSpec, JobSpec } from '../contracts/job-spec.ts';
import { findVersion } from '../datasets/versions/dataset-store.ts';
import { streamManifest } from '../datasets/versions/manifest.ts';
import { errorJson } from '../errors.ts';
import { type ImageRows, indexImages } from '../features/index-images.ts';
import { findListedShards } from '../features/stored-shards.ts';
import type { TrunkEnd } from '../features/trunk.ts';
import { featuresPrefix } from '../features/trunk-keys.ts';
import { exportedTrunkKey, namesOfCatalogue, namesOfOwnModel } from '../features/trunk-names.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import type { Log, ObjectHead, ObjectStore } from '../ports.ts';
import { resolveSearch, trialsWithDefault } from '../search/trial-spec.ts';
import { listKeys } from '../store/list-keys.ts';
import { jobWork } from './job-work.ts';
import { planOptions } from './plan-options.ts';
import { NO_IMAGES, noneStored, type StoredImages, type StoredImagesOf } from './stored-images.ts';

/** The most images whose features are looked for: an estimate must take seconds, also in a function. */
const MOST_IMAGES = 250_000;
/** The most shards, of all data sets and backbones, whose headers are read for an estimate. */
const MOST_SHARDS = 1000;
const LISTS_AT_ONCE = 8;

/**
 * Finds which features of a job's images are stored, for each of its backbones and trials, at each cut that it may use.
 * Reads headers of shards, and the manifest only if there are any. Features in int8 are not looked for. If the store
 * fails, or loses a shard meanwhile, the features of that trunk count as missing: a job need not find any.
 * @param spec complete: its data set is pinned
 * @param log gets a line if the store fails
 * @throws SpecError as planOptions and jobWork
 */
export async function findStoredFeatures(
  spec: JobSpec,
  report: DatasetReport,
  { store, log }: { readonly store: ObjectStore; readonly log: Log },
): Promise<StoredImagesOf> {
  if (report.accepted > MOST_IMAGES) return noneStored;
  let images: Promise<ImageRows> | undefined;
  const readImages = () => {
    images ??= imagesOf(spec.dataset, store);
    return images;
  };
  const unlessFailed = <Result>(work: Promise<Result>, none: Result): Promise<Result> =>
    work.catch((error: unknown) => {
      log('features.not-counted', { error: errorJson(error), effect: 'the estimate counts them as missing' });
      return none;
    });
  const found = new Map<string, StoredImages>();
  const options = { store, readImages, rows: report.accepted, shardsLeft: MOST_SHARDS };
  const trunks = new Map(endsOf(spec, report).map((trunk) => [keyOf(trunk.backbone, trunk.end), trunk]));
  // Many lists are short, and S3 takes tens of milliseconds for each. What is counted depends on what was counted before.
  const listed = mapInOrder(trunks, LISTS_AT_ONCE, async ([key, { backbone, end }]) => ({
    key,
    shards: await unlessFailed(listStored(backbone, end, store), undefined),
  }));
  for await (const { key, shards } of listed)
    found.set(key, shards === undefined ? NO_IMAGES : await unlessFailed(countStored(shards, options), NO_IMAGES));
  return (backbone, end) => found.get(keyOf(backbone, end)) ?? NO_IMAGES;
}

/** The trunks whose features of all images a job may use. */
function endsOf(spec: JobSpec, report: DatasetReport): { readonly backbone: BackboneSpec; readonly end: TrunkEnd }[] {
  const trainingImages = Math.round(report.accepted * spec.split.train);
  const validationImages = Math.round(report.accepted * spec.split.validation);
  return backbonesOf(spec).flatMap((one) =>
    // All plans, whatever runtime the machine has.
    planOptions(one, { trainingImages, validationImages, runtime: 'onnx' }).flatMap((option) =>
      jobWork(one, report, option).frozen.flatMap(({ end }) => (end === undefined ? [] : [{ backbone: one.backbone, end }])),
    ),
  );
}

/** The specs with one backbone each that a job compares, searches or trains. */
function backbonesOf(spec: JobSpec): readonly JobSpec[] {
  const { candidates } = spec.backbone;
  const each = candidates?.map((backbone) => ({ ...spec, backbone })) ?? [spec];
  return each.flatMap((one) =>
    one.search === undefined
      ? [one]
      : trialsWithDefault({ ...one, search: resolveSearch(one.search) }).map(({ spec: trial }) => trial),
  );
}

async function imagesOf(dataset: string, store: ObjectStore): Promise<ImageRows> {
  const { digest } = await findVersion(dataset, store);
  const images: string[] = [];
  for await (const { sha256, unlabelled } of streamManifest(digest, store)) if (unlabelled !== true) images.push(sha256);
  return indexImages(images);
}

interface CountOptions {
  readonly store: ObjectStore;
  /** Number of the data set's rows, which may have the same image. */
  readonly rows: number;
  readonly readImages: () => Promise<ImageRows>;
  /** Shards that may yet be read. */
  shardsLeft: number;
}

/** The shards of a trunk, of squeezed and of cropped images. */
interface StoredShards {
  readonly squeezed: readonly ObjectHead[];
  readonly cropped: readonly ObjectHead[];
}

/** @returns undefined if features of this trunk are not looked for */
async function listStored(backbone: BackboneSpec, end: TrunkEnd, store: ObjectStore): Promise<StoredShards | undefined> {
  if (backbone.precision === 'int8') return undefined;
  const names = await namesOf(backbone, end, store);
  if (names === undefined) return undefined;
  const list = (crops: boolean) => listShards(featuresPrefix(exportedTrunkKey(names, { crops }), selectedDevice()), store);
  const [squeezed, cropped] = await Promise.all([list(false), list(true)]);
  return { squeezed, cropped };
}

/** At most one shard more than may be read. */
async function listShards(prefix: string, store: ObjectStore): Promise<readonly ObjectHead[]> {
  const shards: ObjectHead[] = [];
  for await (const shard of listKeys(store, prefix)) if (shards.push(shard) > MOST_SHARDS) break;
  return shards;
}

async function countStored({ squeezed, cropped }: StoredShards, options: CountOptions): Promise<StoredImages> {
  return { squeezed: await countShards(squeezed, options), cropped: await countShards(cropped, options) };
}

async function namesOf(backbone: BackboneSpec, end: TrunkEnd, store: ObjectStore): Promise<object | undefined> {
  if (backbone.own !== undefined) return namesOfOwnModel(backbone.own, backbone, end.cut);
  const weights = await findWeightsId(backbone, store);
  return weights === undefined ? undefined : namesOfCatalogue(backbone, weights, end);
}

/** Counts the rows whose images are in shards of one kind of processor: features of several kinds never train together. */
async function countShards(shards: readonly ObjectHead[], options: CountOptions): Promise<number> {
  const { store, rows, readImages } = options;
  if (shards.length === 0 || shards.length > options.shardsLeft) return 0;
  options.shardsLeft -= shards.length;
  const images = await readImages();
  const kinds = [...(await findListedShards(images, shards, store)).values()];
  const missing = Math.min(images.distinct, ...kinds.map(({ missingCount }) => missingCount));
  return Math.floor((rows * (images.distinct - missing)) / Math.max(1, images.distinct));
}

/** Backbones without their crop, which the numbers tell apart. */
function keyOf({ name, alpha, inputSize, weights, own, precision }: BackboneSpec, end: TrunkEnd): string {
  return JSON.stringify([name, alpha, inputSize, weights, own, precision, end]);
}
