import { product, sumOf } from '../arithmetic.ts';
import { closeOnFailure } from '../close-on-failure.ts';
import { mapInOrder } from '../concurrency.ts';
import type { FeatureWaits } from '../contracts/job.ts';
import { READ_AHEAD, readStoredImage } from '../datasets/files/read-images.ts';
import { type Augmentation, variantName } from '../images/augment.ts';
import { computesInt8 } from '../onnx/computes-int8.ts';
import type { OnnxDevice, OnnxSession } from '../onnx/onnx-session.ts';
import { processorKind } from '../onnx/processor-kind.ts';
import { runImages } from '../onnx/run-images.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import type { InputCache, Log, ObjectStore } from '../ports.ts';
import { checkFeatures } from './check-features.ts';
import { type FeatureSet, MEMORY_BYTES, openFeatureSet } from './feature-set.ts';
import { shardImages, writeShard } from './feature-shard.ts';
import { type ImageRows, indexImages } from './index-images.ts';
import { trunkBatch } from './open-trunk-session.ts';
import { chooseProcessor, findShards, nothingStored, type StoredByKind, shardKey } from './stored-shards.ts';
import type { Trunk } from './trunk.ts';
import { featuresPrefix } from './trunk-keys.ts';
import { openTrunkRunner, type TrunkRunner } from './trunk-runner.ts';

/** Stored shards to look for at once. */
const HEADS_AT_ONCE = 16;

export interface Extraction {
  readonly features: FeatureSet;
  /** Number of images whose features were cached. */
  readonly cached: number;
  /** Number of images that were decoded and run through the trunk. */
  readonly decoded: number;
  /** The kind of processor that computed all of the features, as `processorKind` names it. */
  readonly processor: string;
}

export interface ExtractionOptions {
  readonly store: ObjectStore;
  /** Where an import may have kept inputs of the images. */
  readonly inputs?: InputCache | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  /** Default: the one that `GRAFT_DEVICE` selects, or the CPU for int8. Features are kept apart by device, because their last digits differ. */
  readonly device?: OnnxDevice;
  /** Gets lines about operators that the device lacks, and about features of other processors. */
  readonly log?: Log;
  /** Called after each shard with the seconds that it waited. */
  readonly onWaits?: (waits: FeatureWaits) => void;
  /** Called once for all sets of images, with those whose features were cached and those that were decoded. */
  readonly onExtracted?: (trunk: Trunk, images: { readonly cached: number; readonly decoded: number }) => void;
}

/** Images, or variants of them, whose features train together with those of other sets. */
export interface ImageSet {
  readonly images: ImageRows;
  /** The number and the augmentation of a variant of each image, instead of the image itself. */
  readonly variant?: Variant;
}

/** A random variant of each image of a set. */
export interface Variant {
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** Which of several variants. */
  readonly number: number;
}

interface ShardOptions extends ExtractionOptions {
  readonly variant?: Variant | undefined;
  readonly device: OnnxDevice;
  readonly runner: TrunkRunner;
}

/**
 * Computes the trunk's output for every image, once, and stores it by content: an image that any job has run through
 * this trunk is neither read nor run again. Finished shards survive a killed worker. All features are of one kind of
 * processor: one that has stored all of them, or else that of this machine.
 * @param images SHA-256 of each image, in the order of the rows
 * @throws DataError FEATURES_NOT_FINITE, or if an image is no longer readable; the signal's reason if aborted
 */
export async function extractFeatures(trunk: Trunk, images: readonly string[], options: ExtractionOptions): Promise<Extraction> {
  const [extraction] = await extractTogether(trunk, [{ images: indexImages(images) }], options);
  if (extraction === undefined) throw new TypeError('no features of the only set');
  return extraction;
}

/**
 * Computes the features of sets of images that train together, as `extractFeatures` does. One kind of processor has
 * computed the features of all sets.
 * @returns one for each set, to be closed by the caller
 * @throws as extractFeatures
 */
export async function extractTogether(
  trunk: Trunk,
  sets: readonly ImageSet[],
  options: ExtractionOptions,
): Promise<Extraction[]> {
  const { device = deviceOf(trunk), store, log } = options;
  const found: (ImageSet & { readonly prefix: string; readonly stored: StoredByKind })[] = [];
  for (const set of sets) {
    const prefix = prefixOf(trunk, { ...set, device });
    found.push({ ...set, prefix, stored: await findShards(set.images, prefix, store, log) });
  }
  const processor = chooseProcessor(
    found.map(({ stored }) => stored),
    processorKind(device),
  );
  const extractions: Extraction[] = [];
  const runner = openTrunkRunner(trunk, { device, log });
  const opened = { close: async () => void (await Promise.all(extractions.map(({ features }) => features.close()))) };
  const extractAll = async () => {
    for (const { images, variant, prefix, stored } of found) {
      const { shards, missingCount, missing } = stored.get(processor) ?? nothingStored(images);
      const unused = [...stored.keys()].filter((kind) => kind !== processor);
      if (missingCount > 0 && unused.length > 0)
        log?.('features.other-kinds', { trunk: trunk.key, processor, decoded: missingCount, unused });
      const lists = imagesOfShards(missingCount > 0 ? missing() : [], trunk);
      const added = await extractShards(trunk, lists, prefix, { ...options, variant, device, runner });
      extractions.push({
        features: await openFeatureSet(images, trunk.featureShape, [...shards, ...added], store, MEMORY_BYTES / sets.length),
        cached: images.distinct - missingCount,
        decoded: missingCount,
        processor,
      });
    }
  };
  await closeOnFailure(opened, extractAll).finally(() => runner.close());
  options.onExtracted?.(trunk, {
    cached: sumOf(extractions, ({ cached }) => cached),
    decoded: sumOf(extractions, ({ decoded }) => decoded),
  });
  return extractions;
}

/**
 * The images whose features this machine must compute, sorted: those of each shard follow each other. None if any kind
 * of processor has stored all features.
 */
export async function findMissing(
  trunk: Pick<Trunk, 'key' | 'onnx'>,
  images: ImageRows,
  store: ObjectStore,
  device: OnnxDevice = deviceOf(trunk),
): Promise<readonly string[]> {
  const stored = await findShards(images, prefixOf(trunk, { device }), store);
  return (stored.get(chooseProcessor([stored], processorKind(device))) ?? nothingStored(images)).missing();
}

/**
 * Computes and stores the features of listed images, without looking for other shards: shards of the list that this
 * kind of processor has stored are not computed again.
 * @param images a run of whole shards of what `findMissing` returns
 * @param mayStart asked before each shard, with the seconds of the last one, whether there is time for another
 * @returns whether all shards are stored, and the number of images that were computed
 */
export async function extractListed(
  trunk: Trunk,
  images: readonly string[],
  { mayStart, ...options }: ExtractionOptions & { readonly mayStart: (secondsOfLast: number) => boolean },
): Promise<{ readonly isComplete: boolean; readonly decoded: number }> {
  const { device = deviceOf(trunk), store } = options;
  const prefix = prefixOf(trunk, { device });
  const pending: (readonly string[])[] = [];
  const heads = mapInOrder(imagesOfShards(images, trunk), HEADS_AT_ONCE, async (list) => ({
    list,
    isStored: (await store.head(shardKey(prefix, processorKind(device), list))) !== undefined,
  }));
  for await (const { list, isStored } of heads) if (!isStored) pending.push(list);
  if (pending.length === 0) return { isComplete: true, decoded: 0 };
  const runner = openTrunkRunner(trunk, { device, log: options.log });
  const shards = extractShards(trunk, pending, prefix, { ...options, device, runner, mayStart });
  const keys = await shards.finally(() => runner.close());
  return { isComplete: keys.length === pending.length, decoded: sumOf(pending.slice(0, keys.length), ({ length }) => length) };
}

/** The kind of processor on which this machine computes the features of a trunk. */
export function ownProcessor(trunk: Pick<Trunk, 'onnx'>): string {
  return processorKind(deviceOf(trunk));
}

/** The device that runs a trunk: int8 runs on the CPU alone, where its speed was compared and where it predicts. */
function deviceOf({ onnx }: Pick<Trunk, 'onnx'>): OnnxDevice {
  const selected = selectedDevice();
  return selected !== 'cpu' && computesInt8(onnx) ? 'cpu' : selected;
}

function prefixOf({ key }: Pick<Trunk, 'key'>, { variant, device }: Pick<ShardOptions, 'variant' | 'device'>): string {
  return featuresPrefix(key, device, variant && variantName(variant.augmentation, variant.number, variant.seed));
}

function imagesOfShards(images: readonly string[], { featureShape }: Trunk): readonly (readonly string[])[] {
  const some = shardImages(featureShape);
  return Array.from({ length: Math.ceil(images.length / some) }, (_, shard) => images.slice(shard * some, (shard + 1) * some));
}

/** Computes shards of these images, in order. @returns the keys of the stored shards: all, unless there was no time */
async function extractShards(
  trunk: Trunk,
  lists: readonly (readonly string[])[],
  prefix: string,
  options: ShardOptions & { readonly mayStart?: (secondsOfLast: number) => boolean },
): Promise<string[]> {
  if (lists.length === 0) return [];
  const { store, onProgress, onWaits, device, runner, mayStart = () => true } = options;
  const session = await runner.session();
  const keys: string[] = [];
  const processor = processorKind(device);
  const total = sumOf(lists, ({ length }) => length);
  let [done, secondsOfLast] = [0, 0];
  for (const images of lists) {
    if (!mayStart(secondsOfLast)) break;
    const begun = performance.now();
    const data = await runTrunk(trunk, images, session, {
      ...options,
      onProgress: (count) => onProgress(done + count, total),
    });
    const extracted = performance.now();
    const key = shardKey(prefix, processor, images);
    await store.put(key, writeShard({ shape: trunk.featureShape, images, processor, data }));
    const inTrunk = session.takeSeconds();
    onWaits?.({
      decode: Math.max(0, (extracted - begun) / 1000 - inTrunk),
      trunk: inTrunk,
      write: (performance.now() - extracted) / 1000,
    });
    keys.push(key);
    done += images.length;
    secondsOfLast = (performance.now() - begun) / 1000;
  }
  return keys;
}

/**
 * Runs images through the trunk in batches.
 * @returns float32 [images, ...featureShape]
 * @throws as checkFeatures
 */
async function runTrunk(
  trunk: Trunk,
  images: readonly string[],
  session: OnnxSession,
  { store, inputs, signal, variant, runner, onProgress }: ShardOptions,
): Promise<Float32Array> {
  const { inputSize, featureShape } = trunk;
  const size = product(featureShape);
  const data = new Float32Array(images.length * size);
  const load = async (image: string): Promise<Float32Array> => {
    signal.throwIfAborted();
    const decoded = await readStoredImage(image, trunk, store, inputs);
    if (variant === undefined) return decoded;
    const { augmentation, seed, number } = variant;
    return runner.augmenter().augment(decoded, { augmentation, size: inputSize, seed, image, variant: number });
  };
  let done = 0;
  const decoded = mapInOrder(images, READ_AHEAD, load);
  const run = { inputSize, batchSize: trunkBatch(inputSize) };
  for await (const { data: features, count } of runImages(session, decoded, run)) {
    signal.throwIfAborted();
    checkFeatures(features, images.slice(done, done + count));
    data.set(features, done * size);
    done += count;
    onProgress(done, images.length);
  }
  return data;
}
