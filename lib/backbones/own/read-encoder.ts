import { choosePooling, type EncoderPool } from './choose-pooling.ts';
import { probeEncoder } from './probe-encoder.ts';
import { type EncoderOptions, readGraph } from './read-graph.ts';
import type { EncoderParts } from './write-encoder.ts';

/** A complete encoder: its input format and its pooling. */
export interface ReadEncoder extends EncoderParts {
  readonly pool: EncoderPool;
  readonly licence: string | undefined;
}

/**
 * Reads an ONNX model as an image encoder, rejects it if it is unsafe or unusable, and runs it on test images.
 * @throws DataError as readGraph, probeEncoder and choosePooling
 */
export async function readEncoder(bytes: Uint8Array, options: EncoderOptions): Promise<ReadEncoder> {
  const { entrance, ...graph } = readGraph(bytes, options);
  const { perImage, dims } = await probeEncoder(graph);
  const pool = choosePooling({ asked: options.pooling, dims, input: graph.input, entrance });
  return { ...graph, perImage, pool };
}
