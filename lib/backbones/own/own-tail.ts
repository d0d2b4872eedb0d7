import * as tfl from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../../errors.ts';
import { OPSET } from '../../onnx/graft-model.ts';
import type { OnnxTensor } from '../../onnx/onnx-model.ts';
import { floatsOf } from '../../onnx/read-tensor.ts';
import type { SubGraph } from '../../onnx/sub-graph.ts';
import type { ObjectStore } from '../../ports.ts';
import { choosePooling } from './choose-pooling.ts';
import { cutFeatures } from './cut-features.ts';
import { nodesAfter } from './cut-points.ts';
import { OnnxGraphLayer } from './onnx-graph-layer.ts';
import { OWN_LAYER } from './own-layer.ts';
import { type OwnBackboneSpec, readTrainable, type TrainableEncoder } from './read-trainable.ts';
import { trainableWeights } from './trainable-weights.ts';
import { builderBeside, pooled } from './write-encoder.ts';

/**
 * Opens the layers of a user's own model after a cut, with its pooling, as a model of one layer: from the features at
 * the cut to a vector.
 * @param cut a value of the graph; undefined for the images
 * @throws as readTrainable and choosePooling
 */
export async function ownTail(spec: OwnBackboneSpec, cut: string | undefined, store: ObjectStore): Promise<tfl.LayersModel> {
  const encoder = await readTrainable(spec, store);
  const { subGraph, weights, featureShape, features } = cutTail(encoder, cut ?? encoder.encoder.images.name, spec);
  const layer = new OnnxGraphLayer({ name: OWN_LAYER, subGraph, values: weights.map(valuesOf), outputShape: [features] });
  const start = tfl.input({ shape: [...featureShape], name: 'features' });
  const outputs = layer.apply(start);
  if (outputs instanceof tfl.SymbolicTensor) return tfl.model({ inputs: start, outputs });
  throw new RuntimeError('BACKBONE_WITHOUT_OUTPUT', { at: layer.name });
}

interface CutTail {
  readonly subGraph: SubGraph;
  readonly weights: readonly OnnxTensor[];
  readonly featureShape: readonly number[];
  /** Length of the vector. */
  readonly features: number;
}

function cutTail({ encoder, shapes, input, entrance }: TrainableEncoder, cut: string, { own }: OwnBackboneSpec): CutTail {
  const sizesOf = (name: string): number[] => (shapes.get(name) ?? []).slice(1).map((size) => size ?? 1);
  const pool = choosePooling({ asked: own.pooling, dims: sizesOf(encoder.output), input, entrance });
  const after = nodesAfter(cut, encoder);
  const { featureShape, toValue } = cutFeatures(sizesOf(cut), input);
  const graph = builderBeside(encoder);
  const { value } = graph.input('features', [null, ...featureShape]);
  const start = toValue(graph, value.name);
  const from = (name: string): string => (name === cut ? start : name);
  graph.include({ node: after.map((node) => ({ ...node, input: node.input.map(from) })), initializer: [] });
  const output = pooled(graph, { name: encoder.output, shape: [null], layout: 'channels-last' }, pool, OPSET).name;
  const weights = trainableWeights(after, encoder.weights);
  const trained = new Set(weights);
  const { node: nodes, initializer } = graph.written;
  const used = new Set(nodes.flatMap((node) => node.input));
  const constants = [...encoder.weights.filter((tensor) => !trained.has(tensor)), ...initializer];
  const names = weightNames(weights);
  return {
    subGraph: {
      input: value.name,
      output,
      nodes,
      // Both may hold the same small constants, whose names tell their content.
      constants: [...new Map(constants.filter(({ name }) => used.has(name)).map((tensor) => [tensor.name, tensor])).values()],
      weights: weights.map(({ name }, i) => ({ value: name, weight: names[i] ?? '' })),
    },
    weights,
    featureShape,
    features: pool.features,
  };
}

/** Names that TF.js accepts, each unique. */
function weightNames(weights: readonly OnnxTensor[]): string[] {
  const taken = new Set<string>();
  return weights.map(({ name }) => {
    const plain = `w_${name.replaceAll(/[^A-Za-z0-9.-]/g, '_')}`;
    let free = plain;
    for (let count = 2; taken.has(free); count++) free = `${plain}_${count}`;
    taken.add(free);
    return free;
  });
}

function valuesOf(tensor: OnnxTensor): { data: Float32Array; dims: readonly number[] } {
  return { data: floatsOf(tensor) ?? new Float32Array(), dims: tensor.dims };
}
