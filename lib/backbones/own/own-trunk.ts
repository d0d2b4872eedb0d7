import type { BackboneSpec } from '../../contracts/job-spec.ts';
import type { OwnModel } from '../../contracts/own-model.ts';
import { decodeModel } from '../../onnx/protobuf.ts';
import type { ObjectStore } from '../../ports.ts';
import { findFeatures } from './find-features.ts';
import { readOwnModel } from './own-store.ts';
import { readEncoder } from './read-encoder.ts';
import { writeEncoder } from './write-encoder.ts';

/** A backbone spec with a user's own model. */
export type OwnBackboneSpec = Pick<BackboneSpec, 'inputSize'> & { readonly own: OwnModel };

/** A trunk made from a user's own model. */
export interface OwnTrunk {
  /** Maps float32 [N, height, width, 3], RGB 0..255, to float32 [N, features]. */
  readonly onnx: Uint8Array;
  /** [height, width] in pixels. */
  readonly inputSize: [number, number];
  /** [features] */
  readonly featureShape: number[];
  /** The value of the user's graph that holds the features. */
  readonly cut: string;
  /** SHA-256, hexadecimal, of the user's graph. */
  readonly weightsDigest: string;
  readonly licence: string;
  readonly backbone: string;
}

/**
 * Builds a trunk from an imported model: preprocessing, the part of its graph that computes the features, and
 * pooling.
 * @throws NotFoundError OWN_MODEL_NOT_FOUND, MODEL_PACKAGE_MISSING; DataError OWN_MODEL_DAMAGED, and as findFeatures and
 * readEncoder
 */
export async function ownTrunk({ inputSize, own }: OwnBackboneSpec, store: ObjectStore): Promise<OwnTrunk> {
  const { sha256, version, ...wishes } = own;
  const bytes = await readOwnModel(own, store);
  const output = version === undefined ? wishes.output : findFeatures(decodeModel(bytes).graph, version.ref);
  const encoder = await readEncoder(bytes, { ...wishes, ...(output !== undefined && { output }), inputSize });
  return {
    onnx: writeEncoder(encoder, encoder.pool),
    inputSize: [...encoder.input.inputSize],
    featureShape: [encoder.pool.features],
    cut: encoder.encoder.output,
    weightsDigest: sha256,
    licence: encoder.licence ?? 'not stated',
    backbone: 'own',
  };
}
