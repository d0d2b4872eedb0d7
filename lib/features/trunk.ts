import { createHash } from 'node:crypto';
import * as tfl from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { loadBackbone } from '../backbones/load-backbone.ts';
import { findWeightSource, type WeightSource } from '../backbones/weight-source.ts';
import type { WeightFile } from '../backbones/weights/weight-file.ts';
import type { BackboneSpec } from '../contracts/job-spec.ts';
import { createDocument, readDocument } from '../documents.ts';
import { RuntimeError } from '../errors.ts';
import type { Pooling } from '../heads/split-pooling.ts';
import { exportOnnx } from '../onnx/export-onnx.ts';
import { optimizeOnnx } from '../onnx/optimize-onnx.ts';
import type { ObjectStore } from '../ports.ts';

/** Raise it when the same backbone would be exported to other numbers: old features are then made again. */
const EXPORT_VERSION = 1;

const TrunkDescription = z.strictObject({
  backbone: z.string(),
  /** Layer at whose output the backbone is cut. */
  cut: z.string(),
  /** [height, width] in pixels. */
  inputSize: z.tuple([z.int(), z.int()]),
  /** Of one image's features: [channels], or [height, width, channels] where nothing is pooled. */
  featureShape: z.array(z.int()),
  weightsDigest: z.string(),
  licence: z.string(),
});

/** The frozen part of a backbone as one ONNX graph: float32 [batch, height, width, 3], RGB 0..255, to features. */
export interface Trunk extends z.infer<typeof TrunkDescription> {
  /** Names all that the features depend on beside the image: weights, cut, pooling, input size, preprocessing. */
  readonly key: string;
  readonly onnx: Uint8Array;
}

const trunkDocument = { schema: TrunkDescription, key: (key: string) => `trunks/${key}.json` };

/**
 * Gives the trunk of a fully frozen backbone, from the store where it was built before.
 * @param pooling the parameter-free layer that makes a vector of the map, or undefined to keep the map
 */
export async function openTrunk(spec: BackboneSpec, pooling: Pooling | undefined, store: ObjectStore): Promise<Trunk> {
  const source = await findWeightSource(spec, { store });
  const key = trunkKey(spec, source, pooling);
  const known = await readDocument(store, trunkDocument, key);
  const onnx = await store.get(onnxKey(key));
  if (known !== undefined && onnx !== undefined) return { ...known, key, onnx: onnx.body };
  return buildTrunk(key, spec, await source.read(), pooling, store);
}

async function buildTrunk(
  key: string,
  { name, alpha, inputSize }: BackboneSpec,
  weights: WeightFile | 'none',
  pooling: Pooling | undefined,
  store: ObjectStore,
): Promise<Trunk> {
  const average = pooling === 'globalAveragePool' ? ({ pooling: 'avg' } as const) : {};
  const backbone = loadBackbone({ name, alpha, inputSize, weights, ...average });
  const model = pooling === undefined || pooling === 'globalAveragePool' ? backbone.model : pooled(backbone.model, pooling);
  const onnx = await optimizeOnnx(exportOnnx(model, { preprocessing: backbone.preprocessing }));
  const description = {
    backbone: name,
    cut: backbone.cuts.at(-1)?.layer ?? name,
    inputSize: [...backbone.inputSize] as [number, number],
    featureShape: featureShape(model),
    weightsDigest: backbone.weightsDigest,
    licence: backbone.row.licence,
  };
  model.dispose();
  // The description comes last: where it is, the graph is.
  await store.put(onnxKey(key), onnx);
  await createDocument(store, trunkDocument, key, description);
  return { ...description, key, onnx };
}

function pooled(model: tfl.LayersModel, pooling: 'flatten' | 'globalMaxPool'): tfl.LayersModel {
  const layer = pooling === 'flatten' ? tfl.layers.flatten() : tfl.layers.globalMaxPooling2d({ dataFormat: 'channelsLast' });
  const [map] = model.outputs;
  if (map === undefined) throw new RuntimeError('BACKBONE_WITHOUT_OUTPUT', { at: model.name });
  return tfl.model({ inputs: model.inputs, outputs: layer.apply(map) as tfl.SymbolicTensor });
}

function featureShape(model: tfl.LayersModel): number[] {
  const [output] = model.outputs;
  return (output?.shape ?? []).slice(1).map((size) => {
    if (size === null)
      throw new RuntimeError('FEATURE_SHAPE_OPEN', { at: model.name, expected: 'a fixed shape', received: output?.shape });
    return size;
  });
}

function trunkKey({ name, alpha, inputSize }: BackboneSpec, { id }: WeightSource, pooling: Pooling | undefined): string {
  return sha256(JSON.stringify({ version: EXPORT_VERSION, name, alpha, inputSize, weights: id, pooling, cut: 'all' }));
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function onnxKey(key: string): string {
  return `trunks/${key}.onnx`;
}
