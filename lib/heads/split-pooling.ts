import { type HeadLayer, isOutput } from '../contracts/head-spec.ts';
import { type Head, headLayers } from './presets.ts';

/** A layer that makes a vector of a feature map, holds no weights, and gives the same at every step. */
export type Pooling = 'flatten' | 'globalAveragePool' | 'globalMaxPool';

/**
 * Parts a head into the pooling that it begins with, undefined where it begins otherwise, and the layers that train.
 * The pooling can then be computed with the features, once: a pooled 7x7 map is 49 times smaller to keep and to read.
 */
export function splitPooling(spec: Head): { pooling: Pooling | undefined; head: readonly HeadLayer[] } {
  const [first, ...rest] = headLayers(spec);
  if (first === undefined || !isPooling(first)) return { pooling: undefined, head: headLayers(spec) };
  return { pooling: first.layer, head: rest };
}

export function isPooling(layer: HeadLayer): layer is Extract<HeadLayer, { layer: Pooling }> {
  return layer.layer === 'flatten' || layer.layer === 'globalAveragePool' || layer.layer === 'globalMaxPool';
}

/** Whether a layer works on [features] only. */
export function takesVector(layer: HeadLayer): boolean {
  return layer.layer === 'dense' || isOutput(layer);
}
