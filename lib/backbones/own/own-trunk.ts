import type { ObjectStore } from '../../ports.ts';
import { cutFeatures } from './cut-features.ts';
import { neededFor } from './encoder.ts';
import { readEncoder } from './read-encoder.ts';
import { readOwnGraph } from './read-own-graph.ts';
import { type OwnBackboneSpec, readTrainable } from './read-trainable.ts';
import { writeEncoder } from './write-encoder.ts';

/** A trunk made from a user's own model. */
export interface OwnTrunk {
  /** Maps float32 [N, height, width, 3], RGB 0..255, to float32 [N, ...featureShape]. */
  readonly onnx: Uint8Array;
  /** [height, width] in pixels. */
  readonly inputSize: [number, number];
  /** [features]; at a cut also [height, width, channels]. */
  readonly featureShape: number[];
  /** The value of the user's graph that holds the features, or `images`. */
  readonly cut: string;
  /** SHA-256, hexadecimal, of the user's graph. */
  readonly weightsDigest: string;
  readonly licence: string;
  readonly backbone: string;
}

/**
 * Builds a trunk from an imported model: preprocessing, the part of its graph that computes the features, and
 * pooling.
 * @throws as readOwnGraph and readEncoder
 */
export async function ownTrunk({ inputSize, own }: OwnBackboneSpec, store: ObjectStore): Promise<OwnTrunk> {
  const { bytes, settings } = await readOwnGraph(own, store);
  const encoder = await readEncoder(bytes, { ...settings, inputSize });
  return {
    onnx: writeEncoder(encoder, { pool: encoder.pool }),
    inputSize: [...encoder.input.inputSize],
    featureShape: [encoder.pool.features],
    cut: encoder.encoder.output,
    ...describe(own, encoder.licence),
  };
}

/**
 * Builds the frozen part of an imported model up to a cut: preprocessing and the nodes before it, at opset 20.
 * @param cut a value of the graph; undefined for the images, so that only the preprocessing is left
 * @throws as readTrainable
 */
export async function ownTrunkTo(cut: string | undefined, spec: OwnBackboneSpec, store: ObjectStore): Promise<OwnTrunk> {
  const { encoder, input, normalization, shapes, licence } = await readTrainable(spec, store);
  const output = cut ?? encoder.images.name;
  const nodes = neededFor(output, encoder.nodes);
  const used = new Set(nodes.flatMap((node) => node.input));
  const weights = encoder.weights.filter(({ name }) => used.has(name));
  const dims = (shapes.get(output) ?? []).slice(1).map((size) => size ?? 1);
  const features = cutFeatures(dims, input);
  return {
    onnx: writeEncoder({ encoder: { ...encoder, output, nodes, weights }, input, normalization, perImage: false }, { features }),
    inputSize: [...input.inputSize],
    featureShape: [...features.featureShape],
    cut: cut ?? 'images',
    ...describe(spec.own, licence),
  };
}

function describe({ sha256 }: OwnBackboneSpec['own'], licence: string | undefined) {
  return { weightsDigest: sha256, licence: licence ?? 'not stated', backbone: 'own' };
}
