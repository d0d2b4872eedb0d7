import { type HeadLayer, isOutput } from '../contracts/head-spec.ts';
import { type Head, headLayers } from './presets.ts';

/** A layer that turns a feature map into a vector, has no weights, and gives the same result at every step. */
export type Pooling = 'flatten' | 'globalAveragePool' | 'globalMaxPool';

/**
 * Splits a head into its leading pooling (undefined if it has none) and the layers that train. The pooling can then be
 * computed once, together with the features: a pooled 7x7 map is 49 times smaller to store and to read.
 */
export function splitPooling(spec: Head): { pooling: Pooling | undefined; head: readonly HeadLayer[] } {
  const [first, ...rest] = headLayers(spec);
  if (first === undefined || !isPooling(first)) return { pooling: undefined, head: headLayers(spec) };
  return { pooling: first.layer, head: rest };
}

/** Tells whether a layer is a pooling or a flatten layer. */
export function isPooling(layer: HeadLayer): layer is Extract<HeadLayer, { layer: Pooling }> {
  return layer.layer === 'flatten' || layer.layer === 'globalAveragePool' || layer.layer === 'globalMaxPool';
}

/** Tells whether a layer accepts [features] only. */
export function takesVector(layer: HeadLayer): boolean {
  return layer.layer === 'dense' || isOutput(layer);
}
