import { createHash } from 'node:crypto';
import * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import type { Backbone } from '../backbones/build-backbone.ts';
import { openBackbone } from '../backbones/load-backbone.ts';
import { ownTrunk, ownTrunkTo } from '../backbones/own/own-trunk.ts';
import { findWeightSource, type SourceOptions, type WeightSource } from '../backbones/weight-source.ts';
import type { BackboneSpec } from '../contracts/job-spec.ts';
import type { OwnModel } from '../contracts/own-model.ts';
import { RuntimeError } from '../errors.ts';
import { cutModel } from '../freezing/cut-model.ts';
import type { CutAt } from '../freezing/cut-plan.ts';
import { patchMaps } from '../freezing/patch-maps.ts';
import { type StageVectors, stagesUpTo, stageVectors } from '../freezing/stage-vectors.ts';
import type { Pooling } from '../heads/split-pooling.ts';
import { exportOnnx } from '../onnx/export-onnx.ts';
import type { ObjectStore } from '../ports.ts';
import { putIfAbsent } from '../store/conditional-put.ts';
import { createDocument, readDocument } from '../store/documents.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import { trunkKeys } from './trunk-keys.ts';

/**
 * Raise this if the export of the same backbone changes, if another version of ONNX Runtime computes other bits, or if
 * `openTrunkSession` changes how it computes: trunks and features are then computed again.
 */
const EXPORT_VERSION = 6;

const TrunkDescription = z.strictObject({
  backbone: z.string(),
  /** The layer at whose output the backbone is cut, or `images`, `stages` or `patches`. */
  cut: z.string(),
  /** [height, width] in pixels. */
  inputSize: z.tuple([z.int(), z.int()]),
  /** Whether images of another aspect ratio are cropped, not squeezed. */
  cropToAspectRatio: z.literal(true).optional(),
  /** For features with a vector of stages, which are their last columns: its parts, in order. */
  blocks: z.array(z.strictObject({ name: z.string(), size: z.int(), isGrid: z.boolean().optional() })).optional(),
  /** Shape of one image's features: [channels], or [height, width, channels] without pooling. */
  featureShape: z.array(z.int()),
  weightsDigest: z.string(),
  licence: z.string(),
  /** For a trunk in int8: its layers that int8 computes, and the SHA-256 of the images that calibrated them. */
  int8: z.strictObject({ layers: z.int().min(1), calibrationImages: z.array(z.string()) }).optional(),
});

/** The frozen part of a backbone as one ONNX graph: float32 [batch, height, width, 3], RGB 0..255, to features. */
export interface Trunk extends z.infer<typeof TrunkDescription> {
  /**
   * Identifies everything that the features depend on besides the image: weights, cut, pooling, input size, crop,
   * preprocessing, and for int8 the precision and its calibration images.
   */
  readonly key: string;
  readonly onnx: Uint8Array;
}

/** Whether the features are a flattened map, followed by the vectors of the stages up to the cut. */
export function carriesStages({ blocks, cut }: Pick<Trunk, 'blocks' | 'cut'>): boolean {
  return blocks !== undefined && cut !== 'stages';
}

const trunkDocument = { schema: TrunkDescription, key: (key: string) => trunkKeys(key).description };

/** The layer at which the trunk ends, and the pooling of its map; `patches` ends at the maps of `patchMaps`. */
export interface TrunkEnd {
  readonly cut: CutAt | 'patches';
  /** A layer without parameters, or undefined to keep the map. */
  readonly pooling: Pooling | undefined;
  /** Whether the vectors of the stages up to a layer follow its map, as in `stagesUpTo`. */
  readonly withStages?: boolean;
}

/**
 * Opens the frozen part of a backbone, from the store if it was built before. The top of a user's own
 * model is the output that its spec names, as a vector.
 * @param signal ends the download of weights
 * @throws as findWeightSource, loadBackbone, cutModel, ownTrunk, ownTrunkTo; the signal's reason
 */
export async function openTrunk(spec: BackboneSpec, end: TrunkEnd, store: ObjectStore, signal?: AbortSignal): Promise<Trunk> {
  const { names, build } =
    spec.own === undefined ? await ofCatalogue(spec, end, { store, signal }) : ofOwnModel(spec.own, spec, end.cut, store);
  const squeezing = trunkKey({ version: EXPORT_VERSION, ...names });
  if (spec.cropToAspectRatio !== true) return (await findTrunk(squeezing, store)) ?? storeTrunk(squeezing, await build(), store);
  const crop = { cropToAspectRatio: true } as const;
  const key = trunkKey({ version: EXPORT_VERSION, ...names, ...crop });
  const known = await findTrunk(key, store);
  if (known !== undefined) return known;
  // The same graph, if there is one, for images that are cropped: they have other features.
  const squeezed = await findTrunk(squeezing, store);
  if (squeezed === undefined) return storeTrunk(key, { ...(await build()), ...crop }, store);
  const { key: _, ...trunk } = squeezed;
  return storeTrunk(key, { ...trunk, ...crop }, store);
}

/** Returns the key of a trunk. @param names everything that its features depend on besides the image */
export function trunkKey(names: object): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('hex');
}

/** Returns a trunk that was stored before. */
export async function findTrunk(key: string, store: ObjectStore): Promise<Trunk | undefined> {
  const [known, stored] = await Promise.all([readDocument(store, trunkDocument, key), store.get(onnxKey(key))]);
  return known !== undefined && stored !== undefined ? { ...known, key, onnx: stored.body } : undefined;
}

/**
 * Stores a trunk. If several processes build it at once, all get the graph that was stored first: what their machines
 * measure may differ in the last digits.
 */
export async function storeTrunk(key: string, built: Omit<Trunk, 'key'>, store: ObjectStore): Promise<Trunk> {
  const { onnx, ...description } = built;
  // The description is written last: if it exists, so does the graph.
  const first = await putFirst(onnxKey(key), onnx, store);
  await createDocument(store, trunkDocument, key, description);
  return { ...description, key, onnx: first };
}

/** Writes an object unless it exists. @returns the bytes that are stored */
async function putFirst(key: string, bytes: Uint8Array, store: ObjectStore): Promise<Uint8Array> {
  if (await putIfAbsent(store, key, bytes)) return bytes;
  const stored = await store.get(key);
  if (stored !== undefined) return stored.body;
  // It was collected since then.
  await store.put(key, bytes);
  return bytes;
}

/**
 * Reads a trunk that was opened before.
 * @throws RuntimeError TRUNK_MISSING
 */
export async function readTrunk(key: string, store: ObjectStore): Promise<Trunk> {
  const known = await findTrunk(key, store);
  if (known !== undefined) return known;
  throw new RuntimeError('TRUNK_MISSING', {
    at: trunkKeys(key).onnx,
    expected: 'the trunk that was built before its images were divided into parts',
    received: 'nothing',
    fix: 'nothing: another attempt builds it again',
    retryable: true,
  });
}

interface TrunkSource {
  /** Everything that the features depend on. */
  readonly names: object;
  readonly build: () => Promise<Omit<Trunk, 'key'>>;
}

async function ofCatalogue(spec: BackboneSpec, end: TrunkEnd, from: SourceOptions): Promise<TrunkSource> {
  const source = await findWeightSource(spec, from);
  const { name, alpha, inputSize } = spec;
  return {
    names: { name, alpha, inputSize, weights: source.id, ...end },
    build: () => buildTrunk(spec, source, end),
  };
}

function ofOwnModel(given: OwnModel, { inputSize }: BackboneSpec, cut: TrunkEnd['cut'], store: ObjectStore): TrunkSource {
  // Features do not depend on where a strategy would cut.
  const { cut: _, ...own } = given;
  const spec = { own, inputSize };
  if (cut === 'top' || cut === 'stages' || cut === 'patches') return { names: spec, build: () => ownTrunk(spec, store) };
  const value = typeof cut === 'object' ? cut.layer : undefined;
  return { names: { ...spec, cut }, build: () => ownTrunkTo(value, spec, store) };
}

async function buildTrunk(
  { name, alpha, inputSize }: BackboneSpec,
  source: WeightSource,
  end: TrunkEnd,
): Promise<Omit<Trunk, 'key'>> {
  const average = end.cut === 'top' && end.pooling === 'globalAveragePool';
  const backbone = await openBackbone(source, { name, alpha, inputSize, ...(average && { pooling: 'avg' }) });
  const stages = stagesOf(end, backbone);
  const model = stages?.model ?? endOf(end, backbone, average);
  const description = {
    backbone: name,
    cut: nameOf(end.cut, backbone),
    inputSize: [...backbone.inputSize] as [number, number],
    ...(stages && { blocks: stages.blocks }),
    featureShape: featureShape(model),
    weightsDigest: backbone.weightsDigest,
    licence: backbone.row.licence,
  };
  const onnx = exportOnnx(model, { preprocessing: backbone.preprocessing });
  // TF.js counts how often a cut uses a layer, so `model.dispose()` would leave the layers after it.
  disposeWeights(backbone.model);
  return { ...description, onnx };
}

function stagesOf({ cut, withStages = false }: TrunkEnd, backbone: Backbone): StageVectors | undefined {
  if (cut === 'stages') return stageVectors(backbone);
  return withStages && typeof cut === 'object' ? stagesUpTo(cut.layer, backbone) : undefined;
}

/**
 * Returns the model up to the trunk's end.
 * @param isPooled whether the model already ends in a vector
 */
function endOf({ cut, pooling }: TrunkEnd, backbone: Backbone, isPooled: boolean): tfl.LayersModel {
  const map = cut === 'patches' ? patchMaps(backbone) : modelUpTo(cut, backbone.model);
  return isPooled || pooling === undefined ? map : pooled(map, pooling);
}

function modelUpTo(cut: CutAt, model: tfl.LayersModel): tfl.LayersModel {
  if (typeof cut === 'object') return cutModel(model, cut.layer).trunk;
  if (cut !== 'images') return model;
  const [images] = model.inputs;
  return through(tfl.layers.activation({ activation: 'linear' }), images, model.inputs);
}

const poolings = {
  flatten: () => tfl.layers.flatten(),
  globalAveragePool: () => tfl.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
  globalMaxPool: () => tfl.layers.globalMaxPooling2d({ dataFormat: 'channelsLast' }),
};

function pooled({ inputs, outputs: [map] }: tfl.LayersModel, pooling: Pooling): tfl.LayersModel {
  return through(poolings[pooling](), map, inputs);
}

function through(layer: tfl.layers.Layer, tensor: tfl.SymbolicTensor | undefined, inputs: tfl.SymbolicTensor[]): tfl.LayersModel {
  const output = tensor && layer.apply(tensor);
  if (output instanceof tfl.SymbolicTensor) return tfl.model({ inputs, outputs: output });
  throw new RuntimeError('BACKBONE_WITHOUT_OUTPUT', { at: layer.name });
}

function nameOf(cut: TrunkEnd['cut'], { cuts, row }: Backbone): string {
  if (cut === 'top') return cuts.at(-1)?.layer ?? row.name;
  return typeof cut === 'object' ? cut.layer : cut;
}

function featureShape(model: tfl.LayersModel): number[] {
  const [output] = model.outputs;
  return (output?.shape ?? []).slice(1).map((size) => {
    if (size === null)
      throw new RuntimeError('FEATURE_SHAPE_DYNAMIC', { at: model.name, expected: 'a fixed shape', received: output?.shape });
    return size;
  });
}

function onnxKey(key: string): string {
  return trunkKeys(key).onnx;
}
