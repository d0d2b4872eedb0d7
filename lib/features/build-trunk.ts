import * as tfl from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/build-backbone.ts';
import { openBackbone } from '../backbones/load-backbone.ts';
import type { WeightSource } from '../backbones/weight-source.ts';
import type { BackboneSpec } from '../contracts/job-spec.ts';
import { RuntimeError } from '../errors.ts';
import { cutModel } from '../freezing/cut-model.ts';
import type { CutAt } from '../freezing/cut-plan.ts';
import { patchMaps } from '../freezing/patch-maps.ts';
import { type StageVectors, stagesUpTo, stageVectors } from '../freezing/stage-vectors.ts';
import type { Pooling } from '../heads/split-pooling.ts';
import { exportOnnx } from '../onnx/export-onnx.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import type { Trunk, TrunkEnd } from './trunk.ts';

/**
 * Builds the frozen part of a backbone of the catalogue, up to an end, as an ONNX graph.
 * @throws as openBackbone and cutModel; RuntimeError FEATURE_SHAPE_DYNAMIC
 */
export async function buildTrunk(
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
