import type { OwnModel } from '../../contracts/own-model.ts';
import { decodeModel } from '../../onnx/protobuf.ts';
import type { ObjectStore } from '../../ports.ts';
import { findFeatures } from './find-features.ts';
import { readOwnModel } from './own-store.ts';
import type { EncoderOptions } from './read-graph.ts';

/** The bytes of a model, and the settings by which it becomes an encoder. */
export interface OwnGraph {
  readonly bytes: Uint8Array;
  readonly settings: EncoderOptions;
}

/**
 * Reads an imported model with the settings of its spec. The features of a published version are the input of its last
 * linear layer.
 * @throws as readOwnModel and findFeatures
 */
export async function readOwnGraph(own: OwnModel, store: ObjectStore): Promise<OwnGraph> {
  const { sha256: _, cut: __, version, ...settings } = own;
  const bytes = await readOwnModel(own, store);
  if (version === undefined) return { bytes, settings };
  return { bytes, settings: { ...settings, output: findFeatures(decodeModel(bytes).graph, version.ref) } };
}
