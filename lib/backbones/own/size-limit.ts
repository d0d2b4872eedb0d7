import { DataError } from '../../errors.ts';

/** 1.5 GiB: a ViT-L has 1.2 GB in float32, and a protobuf file is limited to 2 GiB. */
const MAX_BYTES = 1.5 * 2 ** 30;

/** The largest model that a submission reads: the function of the API has 1 GB of memory. */
export const MAX_SUBMISSION_BYTES = 384 * 2 ** 20;

/** Nodes of a model whose layers train: a large vision transformer has fewer than 10,000. */
const MAX_TRAINABLE_NODES = 50_000;

/** Checks the size of a model file. @throws DataError OWN_MODEL_TOO_LARGE */
export function checkSize(at: string, bytes: number): void {
  if (bytes <= MAX_BYTES) return;
  throw new DataError('OWN_MODEL_TOO_LARGE', {
    at,
    expected: `at most ${MAX_BYTES} bytes`,
    received: bytes,
    fix: 'use a smaller encoder, or the same in float16',
  });
}

/**
 * Checks the size of a model whose layers train: the submission reads it to find the cut.
 * @throws DataError OWN_MODEL_TOO_LARGE
 */
export function checkTrainableSize(bytes: number): void {
  checkTrainable(bytes, MAX_SUBMISSION_BYTES, 'bytes');
}

/**
 * Checks the number of nodes of a model whose layers train: the submission follows all of them.
 * @throws DataError OWN_MODEL_TOO_LARGE
 */
export function checkTrainableNodes(nodes: number): void {
  checkTrainable(nodes, MAX_TRAINABLE_NODES, 'nodes');
}

function checkTrainable(received: number, most: number, unit: string): void {
  if (received <= most) return;
  throw new DataError('OWN_MODEL_TOO_LARGE', {
    at: 'backbone.own',
    expected: `at most ${most} ${unit} of a model whose layers train`,
    received,
    fix: 'leave it frozen: strategy feature-extraction; or use a smaller encoder',
  });
}
